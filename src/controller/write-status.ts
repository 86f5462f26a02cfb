import { isDeepStrictEqual } from 'node:util';
import type { KindName, Resource } from '../kubernetes/resources/kinds.ts';
import type { ControllerContext } from './context.ts';

type StatusOf<Kind extends KindName> = NonNullable<Resource<Kind>['status']>;

/**
 * Writes a status that says something new, and nothing otherwise. `statusOf` makes it of the one before. The cache may lag behind our
 * own last write: what differs there is read anew and made anew before it is written.
 */
export async function writeStatus<Kind extends KindName>(
  { client }: Pick<ControllerContext, 'client'>,
  kind: Kind,
  object: Resource<Kind>,
  statusOf: (previous: StatusOf<Kind> | undefined) => StatusOf<Kind>,
  { signal }: { readonly signal: AbortSignal },
): Promise<StatusOf<Kind>> {
  const seen = object.status;
  const wanted = definedOnly(statusOf(seen));
  if (isDeepStrictEqual(wanted, seen ?? {})) return wanted;
  const { namespace, name, uid } = object.metadata;
  if (seen === undefined) {
    await client.applyStatus(kind, { metadata: { namespace, name }, status: wanted }, { signal });
    return wanted;
  }
  const live = (await client.find(kind, { namespace, name }, { signal })) as Resource<Kind> | undefined;
  if (live?.metadata.uid !== uid) return wanted;
  const status = definedOnly(statusOf(live?.status));
  if (!isDeepStrictEqual(status, live?.status ?? {})) await client.applyStatus(kind, { metadata: { namespace, name }, status }, { signal });
  return status;
}

function definedOnly<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Value;
}
