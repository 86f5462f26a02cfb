import { parseArgs } from 'node:util';
import { type FaultCase, parseCase } from './case.ts';
import { faults } from './faults.ts';
import { planCases } from './plan.ts';

/** What `npm run test:faults` was asked to do. */
export interface CampaignRequest {
  readonly cases: readonly FaultCase[];
  readonly seed: number;
  readonly lanes: number;
  /** Sequences of the repository's model: as many as cases, none where single cases were asked for. */
  readonly modelRuns: number;
}

export const usage = `npm run test:faults -- [--count <cases>] [--seed <number>] [--only <kind>] [--case <kind/operation/seed>]... [--lanes <processes>] [--model <sequences>]
--count 0 goes with --model only: a campaign of no case shows nothing.`;

/** Throws for what cannot be meant: a campaign that runs nothing by mistake looks like one that found nothing. */
export function parseArguments(given: readonly string[], now: () => number): CampaignRequest {
  const { values } = parseArgs({
    args: [...given],
    options: {
      count: { type: 'string', default: '1000' },
      seed: { type: 'string', default: String(now() % 1_000_000_000) },
      only: { type: 'string' },
      case: { type: 'string', multiple: true },
      lanes: { type: 'string', default: '2' },
      model: { type: 'string' },
    },
  });
  const isSelected = values.case !== undefined || values.only !== undefined;
  const count = wholeNumber('count', values.count, values.model === undefined || isSelected ? 1 : 0);
  const seed = wholeNumber('seed', values.seed, 0);
  const cases = values.case?.map(known) ?? planCases(faults, { count, seed, only: values.only });
  const modelRuns = values.model === undefined ? (isSelected ? 0 : count) : wholeNumber('model', values.model, 0);
  return { cases, seed, lanes: wholeNumber('lanes', values.lanes, 1), modelRuns };
}

function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) throw new Error(`--${name} takes a whole number from ${least} on, not ${text}`);
  return value;
}

function known(text: string): FaultCase {
  const parsed = parseCase(text);
  const fault = faults.find(({ kind }) => kind === parsed.kind);
  if (!fault?.operations.includes(parsed.operation)) throw new Error(`there is no case ${parsed.kind}/${parsed.operation}`);
  return parsed;
}
