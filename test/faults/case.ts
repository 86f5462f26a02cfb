import type { Dice } from './dice.ts';
import type { Lab } from './lab.ts';

/** One thing that goes wrong during one operation. The seed decides the rest: where, when, how much. */
export interface FaultCase {
  readonly kind: string;
  readonly operation: string;
  readonly seed: number;
}

/** How a case ended, and what was wrong about it: nothing, when the three lists of complaints are empty. */
export interface Outcome {
  /** `unclear`: it failed, but not with an error of its own that says what to do; or it hung. */
  readonly ended: 'survived' | 'refused' | 'killed' | 'unclear';
  /** The error's code. */
  readonly code?: string | undefined;
  /** Exit code 0, and the content is not what it should be. */
  readonly falseSuccesses: readonly string[];
  /** Backups that were good before and are not any more. */
  readonly lost: readonly string[];
  /** What it left behind outside the repository: databases, files, processes. */
  readonly leftovers: readonly string[];
}

export interface CaseResult extends FaultCase {
  readonly outcome: Outcome;
  readonly ms: number;
}

/** A kind of fault, and what it can happen to. `run` causes it, undoes it and judges; what it throws is a defect of the campaign. */
export interface Fault {
  readonly kind: string;
  readonly operations: readonly string[];
  /** How often it is drawn, compared with others. */
  readonly weight: number;
  readonly run: (lab: Lab, operation: string, dice: Dice) => Promise<Outcome>;
}

/** `kind/operation/seed`: what `--case` takes. */
export function formatCase({ kind, operation, seed }: FaultCase): string {
  return `${kind}/${operation}/${seed}`;
}

/** Throws for a text of another form. */
export function parseCase(text: string): FaultCase {
  const [, kind, operation, seed] = /^([a-z0-9-]+)\/([a-z0-9-]+)\/(\d+)$/.exec(text) ?? [];
  if (kind === undefined || operation === undefined) throw new Error(`${text} is not kind/operation/seed`);
  return { kind, operation, seed: Number(seed) };
}
