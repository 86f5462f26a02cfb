import type { Cluster } from './cluster.ts';
import { badRequest, expired } from './refusal.ts';
import { apiVersionOf, type ResourceType, storageKey } from './resource-types.ts';
import type { Matches } from './selectors.ts';
import type { ApiObject } from './api-object.ts';

export interface ListRequest {
  readonly type: ResourceType;
  readonly matches: Matches;
  readonly limit: number | undefined;
  readonly continue: string | undefined;
}

interface Place {
  readonly revision: number;
  readonly after: string;
}

export interface List {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string; readonly remainingItemCount?: number };
  readonly items: readonly ApiObject[];
}

/**
 * A page of a list. Later pages show what is there when they are asked for, not a snapshot of the first page's moment, and
 * carry the first one's revision: who watches from there sees the rest.
 */
export function list({ store }: Cluster, { type, matches, limit, continue: token }: ListRequest): List {
  const place = token === undefined || token === '' ? undefined : decode(token);
  if (place !== undefined) assertKnown(() => { store.assertKnown(place.revision); });
  const rest = store.all(storageKey(type)).filter((object) => matches(object) && (place === undefined || keyOf(object) > place.after));
  const page = limit === undefined || limit === 0 ? rest : rest.slice(0, limit);
  const last = page.at(-1);
  const revision = place?.revision ?? store.revision;
  return {
    apiVersion: apiVersionOf(type),
    kind: `${type.kind}List`,
    metadata: {
      resourceVersion: String(revision),
      ...(last !== undefined && page.length < rest.length && { continue: encode({ revision, after: keyOf(last) }), remainingItemCount: rest.length - page.length }),
    },
    items: page,
  };
}

function assertKnown(check: () => void): void {
  try {
    check();
  } catch {
    throw expired('The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.');
  }
}

function keyOf({ metadata: { namespace = '', name = '' } }: ApiObject): string {
  return `${namespace}/${name}`;
}

function encode(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

function decode(token: string): Place {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString()) as Place;
  } catch {
    throw badRequest('continue key is not valid');
  }
}
