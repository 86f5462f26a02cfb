import { describe, expect, it } from '@jest/globals';
import { parseArguments } from './arguments.ts';
import type { Fault } from './case.ts';
import { planCases } from './plan.ts';

const parse = (...given: string[]) => parseArguments(given, () => 12);

describe('the arguments of a campaign', () => {
  it.each([['--count', 'many'], ['--count', ''], ['--count', '0'], ['--count', '-1'], ['--count', '1.5'], ['--seed', 'x'], ['--lanes', '0'], ['--model', 'some'], ['--only', 'nothing'], ['--case', 'head-flipped/swap/1'], ['--case', 'x'], ['--other', '1']])(
    'are refused when they say %s %s',
    (option, value) => {
      expect(() => parse(option, value)).toThrow(/option|takes a whole number|there is no|no case|is not|argument/i);
    },
  );

  it('may ask for the model alone', () => {
    expect(parse('--count', '0', '--model', '5')).toMatchObject({ cases: [], modelRuns: 5 });
  });

  it('give the same cases for the same seed', () => {
    expect(parse('--count', '30', '--seed', '4').cases).toEqual(parse('--count', '30', '--seed', '4').cases);
  });
});

const run = async (): Promise<never> => Promise.reject(new Error('not run here'));

describe('a plan', () => {
  const faults: Fault[] = Array.from({ length: 7 }, (_, index) => ({ kind: `kind-${index}`, operations: ['backup', 'restore', 'prune'], weight: 1 + index, run }));
  const pairsOf = (seed: number, count: number) => planCases(faults, { count, seed }).map(({ kind, operation }) => `${kind}/${operation}`);

  it('has each kind with each operation before any comes again', () => {
    expect(new Set(pairsOf(3, 21)).size).toBe(21);
  });

  it('gets to all of them with successive seeds, however short', () => {
    expect(new Set([...pairsOf(100, 7), ...pairsOf(101, 7), ...pairsOf(102, 7)]).size).toBe(21);
  });

  it('goes on by weight', () => {
    const rest = pairsOf(3, 21 + 84).slice(21);
    expect(rest.filter((pair) => pair.startsWith('kind-6/'))).toHaveLength(21);
  });
});
