import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineKind } from '../../../src/repository/manifest/manifest.ts';
import type { Fault, Outcome } from '../case.ts';
import { type Ran, startCommand } from '../commands.ts';
import { createDice, type Dice } from '../dice.ts';
import { judge } from '../judge.ts';
import type { Lab, Placed, PlaceOptions } from '../lab.ts';
import { type Mission, prepareMission } from '../missions.ts';

const dayMs = 24 * 60 * 60 * 1000;
/** How long each operation took when it was last left alone, in this lane: the kills are spread over that. */
const durations = new Map<string, number>();

/** SIGKILL at a random moment, from the start of the process to about its end; afterwards the same command needs no repair. */
async function kill(lab: Lab, operation: string, dice: Dice): Promise<Outcome> {
  const engine = dice.below(3) === 0 ? 'sqlite' : 'postgres';
  // Prune finds something to delete: a forgotten backup past its grace.
  const options = { encrypted: dice.below(2) === 0, agedMs: operation === 'prune' ? 30 * dayMs : 0 };
  const share = dice.share();
  const name = `${operation} of ${engine}`;
  if (!durations.has(name)) durations.set(name, await onCopy(lab, options, { operation, engine, dice: createDice(1) }, measure));
  return onCopy(lab, options, { operation, engine, dice }, async (mission, placed) => {
    const ran = await runUntil(mission, (durations.get(name) ?? 0) * share);
    const outcome = await judge({ lab, placed, mission, ran });
    const unrepaired = ran.exitCode === 0 ? [] : await findRepair(mission);
    return { ...outcome, lost: [...outcome.lost, ...unrepaired], leftovers: [] };
  });
}

async function onCopy<Result>(
  lab: Lab,
  options: PlaceOptions,
  { operation, ...about }: { readonly operation: string; readonly engine: EngineKind; readonly dice: Dice },
  work: (mission: Mission, placed: Placed) => Promise<Result>,
): Promise<Result> {
  const placed = await lab.place(options);
  const mission = await prepareMission(operation, { lab, placed, ...about });
  try {
    return await work(mission, placed);
  } finally {
    await mission.close();
    await placed.remove();
  }
}

/** The same command once more: what is wrong with that. */
async function findRepair({ words, variables, findFalse }: Mission): Promise<string[]> {
  const ran = await startCommand(words, variables).ended;
  if (ran.exitCode !== 0) return [`after the kill ${words.join(' ')} does not run any more: ${ran.code ?? ran.said}`];
  return (await findFalse(ran)).map((text) => `after the kill, run again: ${text}`);
}

async function runUntil({ words, variables }: Mission, ms: number): Promise<Ran> {
  const { child, ended } = startCommand(words, variables);
  await Promise.race([sleep(ms), ended]);
  child.kill('SIGKILL');
  return ended;
}

/** Milliseconds of a run that nobody disturbs. */
async function measure({ words, variables }: Mission): Promise<number> {
  const begin = performance.now();
  await startCommand(words, variables).ended;
  return performance.now() - begin;
}

export const killedFaults: readonly Fault[] = [{ kind: 'process-killed', operations: ['backup', 'restore', 'swap', 'prune', 'cleanup', 'recall', 'drill'], weight: 6, run: kill }];
