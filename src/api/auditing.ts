import type { AuditContext, AuditDetails, AuditOutcome, AuditRecord } from '../catalog/audit.ts';
import { recordAudit } from '../catalog/audit.ts';
import { HoldfastError } from '../operations/errors.ts';
import type { ServiceContext } from '../operations/http/service.ts';

export interface Audited {
  /** `account.create` */
  readonly action: string;
  /** `account:<id>` */
  readonly object: string;
  readonly details?: AuditDetails;
  /** Who it is, where the request does not say so yet: somebody who signs in. */
  readonly actor?: AuditRecord['actor'];
}

/** An entry is written although the caller has gone away: what was done stays done. */
const recordWithinMs = 10_000;

/**
 * Does something that changes or gives access, and writes down how it went. What cannot be written down is answered as a failure, and
 * was perhaps done: better than done and unknown. The entry of a refusal says with which error.
 */
export async function audited<Result>(context: AuditContext, ctx: ServiceContext, what: Audited, work: () => Promise<Result>): Promise<Result> {
  const record = async (outcome: AuditOutcome, more: AuditDetails = {}): Promise<void> => {
    const { action, object, details, actor = ctx.state.principal ?? { name: 'anonymous' } } = what;
    const entry = { actor, action, object, outcome, requestId: ctx.state.requestId, address: ctx.ip, details: { ...details, ...more } };
    await recordAudit(context, entry, { signal: AbortSignal.timeout(recordWithinMs) });
  };
  let result: Result;
  try {
    result = await work();
  } catch (error) {
    const isRefusal = error instanceof HoldfastError && error.status < 500;
    await record(isRefusal ? 'refused' : 'failed', error instanceof HoldfastError ? { error: error.code } : {}).catch((cause: unknown) => {
      // The error that led here is the one to answer.
      ctx.state.log.error({ err: cause, action: what.action }, 'a failure could not be audited');
    });
    throw error;
  }
  await record('done');
  return result;
}
