/**
 * What a backup does when sessions wait behind its locks for longer than the limit: say so, give its state up so that they pass
 * and start over, or end.
 */
export const lockWaitActions = ['warn', 'yield', 'abort'] as const;
export type LockWaitAction = (typeof lockWaitActions)[number];

export interface LockWaitPolicy {
  /** Milliseconds that another session may wait before the action is taken. */
  readonly limitMs: number;
  readonly action: LockWaitAction;
}

/** docs/guards.md argues for it: a backup can be made again, the minutes in which nobody could use a table cannot. */
export const defaultLockWait: LockWaitPolicy = { limitMs: 60_000, action: 'yield' };
