import type { Pod } from '../../kubernetes/objects.ts';
import type { ControllerContext } from '../context.ts';
import type { SeenJob } from './job-outcome.ts';

/** Set by the Job controller on each pod. Not the Job's name: pods of an earlier Job of that name may still be there. */
const jobUidLabel = 'batch.kubernetes.io/controller-uid';

/** A Job's pods, asked for when it has ended: their last words are its result. Watching all pods of a cluster for that would cost far more. */
export async function podsOf({ client }: Pick<ControllerContext, 'client'>, { metadata: { namespace, uid } }: SeenJob, { signal }: { readonly signal: AbortSignal }): Promise<Pod[]> {
  return Array.fromAsync(client.list('Pod', { namespace, labelSelector: `${jobUidLabel}=${uid ?? ''}` }, { signal }));
}
