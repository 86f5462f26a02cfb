import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import type { Logger } from '../../../../src/operations/logging.ts';
import { fillText, type Text } from '../../../../src/operations/text.ts';
import type { LockWaitPolicy } from '../../lock-wait.ts';
import { postgresErrors } from '../postgres-errors.ts';
import { findLockWaiters, type LockWaiter, type OurSessions } from './lock-waiters.ts';

/** Somebody waited for longer than the limit, and the policy says that the backup gives way. */
export class LockYielded extends Error {
  override readonly name = 'LockYielded';
  readonly waiter: WaitingSession;

  constructor(waiter: WaitingSession) {
    super(describeWaiter(waiter).en);
    this.waiter = waiter;
  }
}

export interface WaitingSession extends LockWaiter {
  /** Since it was first seen: an interval of the guard less, at most, than it has really waited. */
  readonly waitedMs: number;
}

export interface LockGuardOptions {
  /** A connection outside any transaction, which nobody else uses while the guard runs. */
  readonly observer: ClientBase;
  readonly ours: () => OurSessions;
  readonly policy: LockWaitPolicy;
  /** The address for people. */
  readonly source: string;
  readonly log: Logger;
  /** Gets LockYielded or SOURCE_HOLDS_OTHERS_UP, or what kept the guard from looking. */
  readonly fail: (error: unknown) => void;
}

const longestInterval = 5_000;

/**
 * Watches who waits behind a backup's locks from now until the signal aborts, and acts on the first who waits for longer than
 * the limit. Who only waits for the snapshot to end holds nobody up: that is logged and no reason to act. Gives a warning
 * for each who was let wait past the limit. Never throws.
 */
export async function watchLockWaiters({ observer, ours, policy, source, log, fail }: LockGuardOptions, signal: AbortSignal): Promise<Text[]> {
  const interval = Math.min(longestInterval, policy.limitMs / 4);
  const waiting = new Map<string, WaitingSession & { readonly since: number }>();
  /** Past the limit, and the policy is to go on. */
  const heldUp = new Map<string, WaitingSession>();
  try {
    while (!signal.aborted) {
      const found = new Map((await findLockWaiters(observer, ours())).map((waiter) => [`${waiter.pid} ${waiter.relation}`, waiter]));
      for (const [key, { since: _, ...gone }] of waiting) {
        if (found.has(key)) continue;
        waiting.delete(key);
        log.info({ waiter: gone }, 'a session no longer waits for this backup');
      }
      for (const [key, waiter] of found) {
        const since = waiting.get(key)?.since ?? performance.now();
        const session = { ...waiter, waitedMs: Math.round(performance.now() - since) };
        if (!waiting.has(key)) log.warn({ waiter: session }, 'a session waits for this backup');
        waiting.set(key, { ...session, since });
        if (waiter.relation === null || session.waitedMs < policy.limitMs) continue;
        if (!heldUp.has(key)) log.warn({ waiter: session, action: policy.action }, 'a session waits for this backup for longer than the limit');
        if (policy.action === 'warn') heldUp.set(key, session);
        else if (policy.action === 'yield') fail(new LockYielded(session));
        else fail(postgresErrors.SOURCE_HOLDS_OTHERS_UP({ source, waiter: describeWaiter(session) }));
      }
      await sleep(interval, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) fail(error);
  }
  return [...heldUp.values()].map((session) => fillText(heldOthersUp, { waiter: describeWaiter(session) }));
}

const waiterText = {
  en: 'process {pid} (user {user}, application "{application}") waited {seconds} s to change {relation}, and {behind} sessions behind it',
  zh: '进程 {pid}（用户 {user}，应用 "{application}"）为更改 {relation} 等待了 {seconds} 秒，其后还有 {behind} 个会话在等待',
};
const heldOthersUp: Text = { en: 'This backup held others up: {waiter}.', zh: '本次备份使其他会话等待：{waiter}。' };
const gaveWay: Text = { en: 'This backup gave way and started over: {waiter}.', zh: '本次备份已让行并重新开始：{waiter}。' };

export function describeWaiter({ pid, user, application, relation, behind, waitedMs }: WaitingSession): Text {
  return fillText(waiterText, { pid, user, application, relation: relation ?? '', behind, seconds: Math.round(waitedMs / 1000) });
}

/** What the backup's reader should know of a time that it gave way. */
export function describeYield({ waiter }: LockYielded): Text {
  return fillText(gaveWay, { waiter: describeWaiter(waiter) });
}
