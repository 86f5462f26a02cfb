import type { Condition } from '../kubernetes/resources/fields.ts';

/** What holds of an object now. */
export type Finding = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/**
 * The conditions of a status: each finding, with the time since when its status has held. A condition of an earlier look that
 * is not found any more goes. The same findings give the same conditions, so that a status that says nothing new is not written.
 */
export function conditionsOf(previous: readonly Condition[] | undefined, findings: readonly Finding[], { now, generation }: { readonly now: Date; readonly generation: number | undefined }): Condition[] {
  return findings.map(({ type, status, reason, message }) => {
    const before = conditionOf(previous, type);
    return {
      type,
      status,
      reason,
      message: message.slice(0, longestMessage),
      lastTransitionTime: before?.status === status ? before.lastTransitionTime : timeOf(now),
      ...(generation !== undefined && { observedGeneration: generation }),
    };
  });
}

export function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** As `metav1.Time`: whole seconds. */
export function timeOf(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

const longestMessage = 1_024;
