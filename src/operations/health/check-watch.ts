import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '../errors.ts';
import type { Logger } from '../logging.ts';
import { type Check, type CheckFacts, CheckProblem } from './check.ts';
import { healthErrors } from './health-errors.ts';
import { firstStanding, type Hysteresis, nextStanding } from './hysteresis.ts';

/** `pending` until the first result. `warning` also while a check fails, but not yet often enough to count as failed. */
export type CheckStatus = 'ok' | 'warning' | 'error' | 'pending';

/** What is known of a check now. */
export interface CheckReport {
  readonly name: string;
  readonly critical: boolean;
  readonly status: CheckStatus;
  readonly facts: CheckFacts;
  /** Why the status is not `ok`. */
  readonly error?: HoldfastError;
  /** Failures in a row, 0 after a success. */
  readonly failures: number;
  readonly durationMs?: number;
  readonly observedAt?: Date;
}

interface Result {
  readonly facts: CheckFacts;
  readonly level: 'ok' | 'warning' | 'error';
  readonly problem?: HoldfastError;
  readonly cause?: unknown;
  readonly durationMs: number;
}

/** A result older than this many intervals says nothing any more. */
const staleIntervals = 3;

/**
 * Runs one check in the background: one run at a time, with a time limit, at jittered intervals. `report` only reads.
 * Until a check has succeeded once each result counts at once; from then on by hysteresis.
 */
export class CheckWatch {
  readonly #check: Check;
  readonly #hysteresis: Hysteresis;
  readonly #log: Logger;
  readonly #intervalMs: number;
  readonly #timeoutMs: number;
  readonly #stopping = new AbortController();
  #last: (Result & { readonly observedAt: Date; readonly clockMs: number }) | undefined;
  #lastProblem: HoldfastError | undefined;
  #standing = firstStanding;

  constructor(check: Check, { hysteresis, log }: { readonly hysteresis: Hysteresis; readonly log: Logger }) {
    this.#check = check;
    this.#hysteresis = hysteresis;
    this.#log = log;
    this.#intervalMs = check.intervalMs ?? 5_000;
    this.#timeoutMs = check.timeoutMs ?? 2_000;
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#runOnce();
      // Replicas that started together must not ask a shared dependency together for ever.
      await sleep(this.#intervalMs * (0.9 + Math.random() * 0.2), undefined, { signal }).catch(() => {});
    }
  }

  stop(): void {
    this.#stopping.abort();
  }

  report(): CheckReport {
    const { name, critical } = this.#check;
    const last = this.#last;
    if (last === undefined) return { name, critical, status: 'pending', facts: {}, failures: 0, error: healthErrors.CHECK_PENDING({ check: name }) };
    const { facts, durationMs, observedAt } = last;
    const { failing, failures } = this.#standing;
    const known = { name, critical, facts, failures, durationMs, observedAt };
    const ageMs = performance.now() - last.clockMs;
    if (ageMs > staleIntervals * this.#intervalMs) {
      return { ...known, status: 'error', error: healthErrors.CHECK_STALE({ check: name, seconds: Math.round(ageMs / 100) / 10 }) };
    }
    // A check on its way back is still failed, and still says why.
    const problem = failing ? this.#lastProblem : last.problem;
    if (problem === undefined) return { ...known, status: 'ok' };
    return { ...known, status: failing ? 'error' : 'warning', error: problem };
  }

  async #runOnce(): Promise<void> {
    const { name } = this.#check;
    const run = new AbortController();
    const abort = () => {
      clearTimeout(timer);
      run.abort(this.#stopping.signal.reason);
    };
    this.#stopping.signal.addEventListener('abort', abort, { once: true });
    const startedMs = performance.now();
    const elapsedMs = () => performance.now() - startedMs;
    const expire = () => {
      const problem = healthErrors.CHECK_TIMED_OUT({ check: name, milliseconds: this.#timeoutMs });
      this.#record({ facts: {}, level: 'error', problem, durationMs: elapsedMs() });
      run.abort(problem);
      // A check that ignores its signal is not started a second time beside the first: it fails once an interval.
      timer = setTimeout(expire, this.#intervalMs);
    };
    let timer = setTimeout(expire, this.#timeoutMs);
    try {
      const facts = await this.#check.run(run.signal);
      if (!run.signal.aborted) this.#record({ facts, level: 'ok', durationMs: elapsedMs() });
    } catch (error) {
      if (!run.signal.aborted) this.#record({ ...failureOf(name, error), durationMs: elapsedMs() });
    } finally {
      clearTimeout(timer);
      this.#stopping.signal.removeEventListener('abort', abort);
    }
  }

  #record(result: Result): void {
    if (this.#stopping.signal.aborted) return;
    const failed = result.level === 'error';
    const before = this.#standing;
    this.#standing = nextStanding(before, failed, this.#hysteresis);
    this.#last = { ...result, observedAt: new Date(), clockMs: performance.now() };
    if (failed) this.#lastProblem = result.problem;
    // The first failure that counts and the recovery, not each try.
    const { failing, failures } = this.#standing;
    const { name, critical } = this.#check;
    if (failing && !before.failing) this.#log[critical ? 'error' : 'warn']({ check: name, failures, err: result.cause ?? result.problem }, 'check failed');
    if (before.failing && !failing) this.#log.info({ check: name }, 'check recovered');
  }
}

function failureOf(check: string, error: unknown): Omit<Result, 'durationMs'> {
  if (error instanceof CheckProblem) return { facts: error.facts, level: error.level, problem: error.reason };
  if (error instanceof HoldfastError) return { facts: {}, level: 'error', problem: error };
  return { facts: {}, level: 'error', problem: healthErrors.CHECK_FAILED({ check }, { cause: error }), cause: error };
}
