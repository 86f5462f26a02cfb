import type { HoldfastError } from '../errors.ts';

/** What a check found, as the health JSON shows it: snake_case names that end in their unit (`response_time_ms`, `percent_used`). */
export type CheckFacts = Readonly<Record<string, string | number | boolean>>;

/** One thing that the service needs, looked at again and again in the background. */
export interface Check {
  /** Unique, snake_case: the key in the health JSON and in `/readyz/<name>`. */
  readonly name: string;
  /** Whether the service can do its work without it: a critical check that fails takes the process out of the load balancer. */
  readonly critical: boolean;
  readonly intervalMs?: number;
  readonly timeoutMs?: number;
  /** Looks once, on a connection of its own, and gives up when the signal aborts. A throw is a failure. */
  readonly run: (signal: AbortSignal) => Promise<CheckFacts>;
}

/** How often and how long a check runs; what a ready-made check takes besides what it is about. */
export type CheckTiming = Pick<Check, 'intervalMs' | 'timeoutMs'>;

/** What a check throws to fail with facts, or only to warn: a warning degrades the service, however critical the check is. */
export class CheckProblem extends Error {
  override readonly name = 'CheckProblem';
  readonly reason: HoldfastError;
  readonly level: 'warning' | 'error';
  readonly facts: CheckFacts;

  constructor(reason: HoldfastError, { level, facts }: { readonly level: 'warning' | 'error'; readonly facts: CheckFacts }) {
    super(reason.message, { cause: reason });
    this.reason = reason;
    this.level = level;
    this.facts = facts;
  }
}
