import type { Resource } from '../../kubernetes/resources/kinds.ts';
import type { ControllerContext } from '../context.ts';
import { reasonOf } from '../findings.ts';

/** Tells by an event that a run has ended: once, when its status first says so. */
export async function announceEnd(
  { events }: Pick<ControllerContext, 'events'>,
  before: Resource<'Backup'> | Resource<'Restore'> | Resource<'Drill'>,
  after: NonNullable<(typeof before)['status']>,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  if (before.status?.phase === after.phase) return;
  const { kind } = before;
  if (after.phase === 'Succeeded') {
    await events.record({ regarding: before, type: 'Normal', reason: `${kind}Succeeded`, action: 'Finish', note: `${kind} ${before.metadata.name} succeeded` }, { signal });
  } else if (after.phase === 'Failed') {
    const { code = 'UNEXPECTED', message = '', hint = '' } = after.failure ?? {};
    await events.record({ regarding: before, type: 'Warning', reason: `${kind}Failed`, action: 'Finish', note: `${reasonOf(code)}: ${message} ${hint}`.trim() }, { signal });
  }
}
