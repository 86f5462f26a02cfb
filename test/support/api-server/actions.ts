import type { Cluster } from './cluster.ts';
import { orphan } from './lifecycle.ts';
import { list } from './list.ts';
import { patch } from './patch.ts';
import { numberOf, objectOf, type Request } from './request.ts';
import { review } from './reviews.ts';
import { everyMatch } from './selectors.ts';
import { tableOf } from './table.ts';
import type { AccessRule, Users } from './users.ts';
import { scale } from './scale.ts';
import { create, type Preconditions, remove, update } from './writes.ts';

export interface Answer {
  readonly status: number;
  readonly body: object;
}

export interface ActionParts {
  readonly cluster: Cluster;
  readonly users: Users;
  readonly access: ReadonlyMap<string, readonly AccessRule[]>;
}

/** What it does is done in one turn of the event loop: no two writes are ever half-way at once. */
export function act(parts: ActionParts, request: Request): Answer {
  const { cluster } = parts;
  const { user, address: { namespace, name = '', subresource }, type, verb, query, body, manager, contentType, asTable } = request;
  const options = { user, manager, subresource, dryRun: query.get('dryRun') === 'All', strict: query.get('fieldValidation') === 'Strict' };
  const matches = everyMatch({ namespace, labels: query.get('labelSelector') ?? undefined, fields: query.get('fieldSelector') ?? undefined });
  const patching = { ...options, type, namespace, name, contentType, body: body ?? null, force: query.get('force') === 'true', managerGiven: query.has('fieldManager') };
  if (subresource === 'scale') return { status: 200, body: scale(cluster, verb, patching) };
  switch (verb) {
    case 'get': {
      const object = cluster.read(type, namespace, name);
      return { status: 200, body: asTable ? tableOf(type, [object], {}) : object };
    }
    case 'list': {
      const page = list(cluster, { type, matches, limit: numberOf(query, 'limit'), continue: query.get('continue') ?? undefined });
      return { status: 200, body: asTable ? tableOf(type, page.items, page.metadata) : page };
    }
    case 'create': {
      const given = objectOf(body, type, namespace);
      return { status: 201, body: review(parts, type, given, user) ?? create(cluster, type, given, options) };
    }
    case 'update':
      return { status: 200, body: update(cluster, type, objectOf(body, type, namespace, name), options) };
    case 'patch': {
      const { object, created } = patch(cluster, patching);
      return { status: created ? 201 : 200, body: object };
    }
    case 'delete': {
      const { preconditions, propagationPolicy = query.get('propagationPolicy') } = (body ?? {}) as { readonly preconditions?: Preconditions; readonly propagationPolicy?: string };
      if (propagationPolicy === 'Orphan') orphan(cluster, cluster.read(type, namespace, name).metadata.uid ?? '');
      const left = remove(cluster, type, namespace, name, { user, dryRun: options.dryRun, ...(preconditions !== undefined && { preconditions }) });
      return { status: 200, body: left ?? { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name, group: type.group, kind: type.plural } } };
    }
    default: {
      const doomed = list(cluster, { type, matches, limit: undefined, continue: undefined });
      for (const { metadata } of doomed.items) remove(cluster, type, metadata.namespace, metadata.name ?? '', { user });
      return { status: 200, body: doomed };
    }
  }
}
