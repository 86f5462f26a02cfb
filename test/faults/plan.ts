import type { Fault, FaultCase } from './case.ts';
import { createDice } from './dice.ts';

export interface PlanOptions {
  readonly count: number;
  readonly seed: number;
  /** A kind, or the beginning of some up to a hyphen. */
  readonly only?: string | undefined;
}

/**
 * So many cases. First each kind with each of its operations once, in an order that is always the same; the seed says where in it a
 * short run begins, so that runs with successive seeds get to all of them. What is left of the count comes in rounds in which each is as often as its
 * weight says, in an order that is drawn. Throws where there is no such kind.
 */
export function planCases(faults: readonly Fault[], { count, seed, only }: PlanOptions): FaultCase[] {
  const dice = createDice(seed);
  const chosen = faults.filter(({ kind }) => only === undefined || kind === only || kind.startsWith(`${only}-`));
  if (chosen.length === 0) throw new Error(`there is no kind of fault ${only ?? ''}: ${faults.map(({ kind }) => kind).join(', ')}`);
  const weighted = chosen.flatMap(({ kind, operations, weight }) => operations.flatMap((operation) => Array.from({ length: weight }, () => ({ kind, operation }))));
  const each = shuffled(chosen.flatMap(({ kind, operations }) => operations.map((operation) => ({ kind, operation }))), createDice(1).below);
  const first = (seed * count) % each.length;
  const pairs = [...each.slice(first), ...each.slice(0, first)];
  while (pairs.length < count) pairs.push(...shuffled(weighted, dice.below));
  return pairs.slice(0, count).map((pair) => ({ ...pair, seed: dice.below(1_000_000_000) }));
}

function shuffled<Item>(items: readonly Item[], below: (bound: number) => number): Item[] {
  const left = [...items];
  return items.flatMap(() => left.splice(below(left.length), 1));
}
