import { isClusterError } from '../kubernetes/cluster-errors.ts';
import type { Resource } from '../kubernetes/resources/kinds.ts';
import { HoldfastError } from '../operations/errors.ts';
import { conditionOf, type Finding } from './conditions.ts';
import type { ControllerContext } from './context.ts';

/** What keeps an object from its work, as a condition that does not hold: `REPOSITORY_MISSING` becomes the reason `RepositoryMissing`. */
export function hindrance(type: string, error: HoldfastError): Finding {
  return { type, status: 'False', reason: reasonOf(error.code), message: `${error.message}. ${error.hint}` };
}

/** A code as conditions and events write reasons. */
export function reasonOf(code: string): string {
  return code.toLowerCase().replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** A failure that trying again does not mend: it is shown to people instead. Others are the queue's. */
export function isForPeople(error: unknown): error is HoldfastError {
  return error instanceof HoldfastError && !error.retryable && error.category !== 'internal';
}

/** Whether what an object needs could be put in place: what people have to mend is told by the condition, and once by an event. */
export async function readyOf({ events }: Pick<ControllerContext, 'events'>, object: Resource<'BackupSchedule'> | Resource<'BackupRepository'>, work: () => Promise<void>, signal: AbortSignal): Promise<Finding> {
  try {
    await work();
    return { type: 'Ready', status: 'True', reason: 'InPlace', message: '' };
  } catch (error) {
    if (!isForPeople(error) || isClusterError(error, 'NAMESPACE_ENDING')) throw error;
    const finding = hindrance('Ready', error);
    if (conditionOf(object.status?.conditions, 'Ready')?.reason !== finding.reason) {
      await events.record({ regarding: object, type: 'Warning', reason: finding.reason, action: 'Reconcile', note: finding.message }, { signal });
    }
    return finding;
  }
}
