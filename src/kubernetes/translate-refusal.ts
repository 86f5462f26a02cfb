import { z } from 'zod';
import type { HoldfastError } from '../operations/errors.ts';
import { clusterErrors } from './cluster-errors.ts';
import type { AnyKind, ObjectName } from './objects.ts';

/** As `metav1.Status`: what the API server answers in place of an object. */
const Status = z.object({
  kind: z.literal('Status'),
  message: z.string().default(''),
  reason: z.string().default(''),
  code: z.int().optional(),
  details: z.object({ name: z.string().optional(), causes: z.array(z.object({ reason: z.string().optional() })).optional() }).optional(),
});
type Status = z.infer<typeof Status>;

/** What was asked of the server. */
export interface Asked {
  readonly verb: string;
  readonly kind: AnyKind;
  readonly name: Partial<ObjectName>;
  readonly subresource?: 'status' | 'log' | undefined;
}

/** Of long messages (a validation lists every field) the beginning. */
const reasonLength = 2_000;

/** What a status other than success means to a caller. `body` is the answer's text: a Status, or whatever a proxy says. */
export function translateRefusal(httpStatus: number, body: string, asked: Asked): HoldfastError {
  const status = parseStatus(body);
  const object = describeObject(asked);
  const reason = (status?.message || body || `HTTP ${httpStatus}`).slice(0, reasonLength);
  const { verb, kind } = asked;
  switch (httpStatus) {
    case 401:
      return clusterErrors.CLUSTER_UNAUTHORIZED({ verb, object });
    case 403:
      return isEnding(status) ? clusterErrors.NAMESPACE_ENDING({ object }) : clusterErrors.CLUSTER_FORBIDDEN({ verb, object, reason });
    case 404:
      return isUnknownKind(status, asked) ? clusterErrors.KIND_NOT_INSTALLED({ kind }) : clusterErrors.OBJECT_NOT_FOUND({ object });
    case 409:
      return status?.reason === 'AlreadyExists' ? clusterErrors.OBJECT_EXISTS({ object }) : clusterErrors.OBJECT_CONFLICT({ object, reason });
    case 410:
      return clusterErrors.WATCH_EXPIRED({ object });
    case 429:
      return clusterErrors.CLUSTER_UNAVAILABLE({ verb, object, reason });
    default:
      return httpStatus >= 500 && !isMalformedApply(reason) ? clusterErrors.CLUSTER_UNAVAILABLE({ verb, object, reason }) : clusterErrors.OBJECT_REFUSED({ verb, object, reason });
  }
}

/** An error that a watch sends in its stream, as an event's object. */
export function translateWatchError(object: unknown, asked: Asked): HoldfastError {
  const parsed = Status.safeParse(object);
  return translateRefusal(parsed.data?.code ?? 500, JSON.stringify(object), asked);
}

function describeObject({ kind, name: { namespace, name } }: Asked): string {
  return `${kind} ${[namespace, name].filter((part) => part !== undefined).join('/')}`.trimEnd();
}

function parseStatus(body: string): Status | undefined {
  try {
    return Status.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

function isEnding(status: Status | undefined): boolean {
  return status?.details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating') === true;
}

/** What does not fit the kind (a field that it has not, a list with one key twice) is answered to server-side apply by a 500: trying again does not mend it. */
function isMalformedApply(reason: string): boolean {
  return reason.startsWith('failed to create typed patch object');
}

/** A path that is not served is answered by text, or by a Status that names no object. A namespace that is missing does name itself. */
function isUnknownKind(status: Status | undefined, { kind }: Asked): boolean {
  return kind !== 'Namespace' && status?.details?.name === undefined;
}
