import { isClusterError } from '../../kubernetes/cluster-errors.ts';
import { keyOf } from '../../kubernetes/informer.ts';
import type { Resource } from '../../kubernetes/resources/kinds.ts';
import type { ControllerContext } from '../context.ts';
import { forgetJobOf } from '../pods/jobs.ts';
import { besideOf } from '../view.ts';

/** Whether deleting the resource is to forget the backup in the repository. */
export function isToForget({ spec, status }: Resource<'Backup'>): boolean {
  return spec.deletionPolicy === 'Delete' && status?.backupId !== undefined && status.forgottenAt === undefined;
}

/**
 * Forgets the backup of a deleted Backup by a Job. There is no finalizer, which would hold up the end of a namespace, so a deletion that nobody
 * watched forgets nothing: retention does some day. Nothing is forgotten either where everything was deleted at once (a namespace,
 * the definitions): nobody meant the data by that. `forgetAfterMs` gives such an end the time to take the repository's resource too.
 */
export async function forgetDeleted(context: ControllerContext, backup: Resource<'Backup'>, signal: AbortSignal): Promise<void> {
  const { client, view, settings, events } = context;
  const key = besideOf(backup.metadata, backup.status?.repository);
  const repository = key && view.repositories.get(key);
  if (!repository || view.backups.get(keyOf(backup.metadata))?.metadata.uid === backup.metadata.uid) return;
  const job = forgetJobOf(backup, repository, settings);
  if (!job) return;
  try {
    await client.create('Job', job, { signal });
    await events.record({ regarding: repository, type: 'Normal', reason: 'BackupForgotten', action: 'CreateJob', note: `Backup ${backup.metadata.name} was deleted: Job ${job.metadata.name} forgets ${backup.status?.backupId}` }, { signal });
  } catch (error) {
    if (!isClusterError(error, 'OBJECT_EXISTS') && !isClusterError(error, 'NAMESPACE_ENDING')) throw error;
  }
}
