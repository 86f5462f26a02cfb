import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { mayDo } from './access.ts';
import { type Address, parseAddress } from './address.ts';
import type { ApiObject, Json } from './api-object.ts';
import type { Cluster } from './cluster.ts';
import { discover } from './discovery.ts';
import { type Faults, type SeenRequest, suffer } from './faults.ts';
import { orphan } from './lifecycle.ts';
import { list } from './list.ts';
import { openApi } from './openapi.ts';
import { patch } from './patch.ts';
import type { PodLogs } from './pod-logs.ts';
import { badRequest, forbidden, noSuchPath, Refusal, unauthorized } from './refusal.ts';
import type { ResourceType } from './resource-types.ts';
import { review } from './reviews.ts';
import { everyMatch } from './selectors.ts';
import type { AccessRule, User, Users } from './users.ts';
import { type OpenWatch, openWatch } from './watch.ts';
import { create, type Preconditions, remove, update } from './writes.ts';

export interface HandlerParts {
  readonly cluster: Cluster;
  readonly users: Users;
  readonly access: ReadonlyMap<string, readonly AccessRule[]>;
  readonly faults: Faults;
  readonly watches: Set<OpenWatch>;
  readonly seen: SeenRequest[];
  readonly logs: PodLogs;
}

export interface Answer {
  readonly status: number;
  readonly body: object;
}

interface Request {
  readonly user: User;
  readonly address: Address;
  readonly type: ResourceType;
  readonly verb: string;
  readonly query: URLSearchParams;
  readonly body: Json | undefined;
  readonly contentType: string;
  readonly manager: string;
}

/** Answers one request of a client. */
export function createHandler(parts: HandlerParts) {
  return async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const url = new URL(incoming.url ?? '/', 'https://kubernetes');
      if (['/livez', '/readyz', '/healthz'].includes(url.pathname)) {
        response.end('ok');
        return;
      }
      const user = authenticated(parts.users, incoming);
      const discovered = incoming.method === 'GET' ? (discover(parts.cluster, url.pathname) ?? openApi(parts.cluster, url.pathname)) : undefined;
      if (discovered !== undefined) {
        answer(response, { status: 200, body: discovered });
        return;
      }
      await answerResource(parts, { user, url }, incoming, response);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else if (error instanceof Refusal) answer(response, { status: error.status, body: error.body() });
      else answer(response, { status: 500, body: new Refusal(500, 'InternalError', String(error instanceof Error ? error.stack : error)).body() });
    }
  };
}

async function answerResource(parts: HandlerParts, { user, url }: { readonly user: User; readonly url: URL }, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { cluster, access, faults, seen } = parts;
  const address = parseAddress(url.pathname);
  if (address === undefined) throw noSuchPath();
  const verb = verbOf(incoming.method ?? '', address, url.searchParams);
  const { group, plural, subresource, namespace, name } = address;
  const request: SeenRequest = { user: user.name, verb, group, resource: plural, ...(subresource !== undefined && { subresource }), ...(namespace !== undefined && { namespace }), ...(name !== undefined && { name }) };
  seen.push(request);
  const fault = faults.of(request);
  if (fault !== undefined && fault !== 'cut-after' && (await suffer(fault, incoming, response))) return;
  const type = cluster.type(address);
  if (!mayDo(cluster, access, user, { verb, group, plural, subresource, namespace, name })) throw forbidden(user.name, verb, type, address);
  if (plural === 'pods' && subresource === 'log') {
    const { metadata } = cluster.read(type, namespace, name ?? '');
    parts.logs.answer(`${metadata.namespace ?? ''}/${metadata.name ?? ''}`, url.searchParams, response);
    return;
  }
  if (subresource !== undefined && !(subresource === 'status' && type.status)) throw noSuchPath();
  const body = incoming.method === 'GET' ? undefined : await bodyOf(incoming);
  const whole: Request = {
    user, address, type, verb, body,
    query: url.searchParams,
    contentType: (incoming.headers['content-type'] ?? 'application/json').split(';')[0] ?? '',
    manager: url.searchParams.get('fieldManager') ?? (incoming.headers['user-agent'] ?? 'unknown').split('/')[0] ?? 'unknown',
  };
  if (verb === 'watch') {
    watch(parts, whole, response);
    return;
  }
  const answered = act(parts, whole);
  if (fault === 'cut-after') incoming.socket.destroy();
  else answer(response, answered);
}

/** What it does is done in one turn of the event loop: no two writes are ever half-way at once. */
function act(parts: HandlerParts, request: Request): Answer {
  const { cluster } = parts;
  const { user, address: { namespace, name = '', subresource }, type, verb, query, body, manager, contentType } = request;
  const options = { user, manager, subresource, dryRun: query.get('dryRun') === 'All', strict: query.get('fieldValidation') === 'Strict' };
  const matches = everyMatch({ namespace, labels: query.get('labelSelector') ?? undefined, fields: query.get('fieldSelector') ?? undefined });
  switch (verb) {
    case 'get':
      return { status: 200, body: cluster.read(type, namespace, name) };
    case 'list':
      return { status: 200, body: list(cluster, { type, matches, limit: numberOf(query, 'limit'), continue: query.get('continue') ?? undefined }) };
    case 'create': {
      const given = objectOf(body, type, namespace);
      return { status: 201, body: review(parts, type, given, user) ?? create(cluster, type, given, options) };
    }
    case 'update':
      return { status: 200, body: update(cluster, type, objectOf(body, type, namespace, name), options) };
    case 'patch': {
      const { object, created } = patch(cluster, { ...options, type, namespace, name, contentType, body: body ?? null, force: query.get('force') === 'true', managerGiven: query.has('fieldManager') });
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

function watch({ cluster, watches }: HandlerParts, { type, address: { namespace, name }, query }: Request, response: ServerResponse): void {
  const fields = [query.get('fieldSelector') ?? '', name === undefined ? '' : `metadata.name=${name}`].filter((part) => part !== '').join(',');
  const opened = openWatch(cluster.store, response, {
    type,
    matches: everyMatch({ namespace, labels: query.get('labelSelector') ?? undefined, fields }),
    revision: numberOf(query, 'resourceVersion'),
    bookmarks: query.get('allowWatchBookmarks') === 'true',
    timeoutSeconds: numberOf(query, 'timeoutSeconds') ?? 1800,
  }, (ended) => { watches.delete(ended); });
  watches.add(opened);
}

function authenticated(users: Users, { headers: { authorization = '' } }: IncomingMessage): User {
  const user = users.holderOf(authorization.replace(/^Bearer /, ''));
  if (user === undefined) throw unauthorized();
  return user;
}

function verbOf(method: string, { name }: Address, query: URLSearchParams): string {
  switch (method) {
    case 'GET': return ['1', 'true'].includes(query.get('watch') ?? '') ? 'watch' : name === undefined ? 'list' : 'get';
    case 'POST': return 'create';
    case 'PUT': return 'update';
    case 'PATCH': return 'patch';
    case 'DELETE': return name === undefined ? 'deletecollection' : 'delete';
    default: throw new Refusal(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<Json | undefined> {
  if (incoming.headers['content-length'] === '0' || (incoming.headers['content-length'] === undefined && incoming.headers['transfer-encoding'] === undefined)) return undefined;
  if (incoming.headers['content-type']?.includes('protobuf') === true) {
    incoming.resume();
    throw new Refusal(415, 'UnsupportedMediaType', 'only JSON is understood here');
  }
  try {
    return await json(incoming) as Json;
  } catch (error) {
    throw badRequest(`the body is not JSON: ${String(error)}`);
  }
}

/** The object of a body, with the address's namespace and name, which must not differ. */
function objectOf(body: Json | undefined, type: ResourceType, namespace: string | undefined, name?: string): ApiObject {
  const object = body as unknown as ApiObject | undefined;
  if (object?.metadata === undefined) throw badRequest('the object has no metadata');
  if (object.kind !== undefined && object.kind !== type.kind) throw badRequest(`the object provided is unrecognized (must be of type ${type.kind}): it is ${object.kind}`);
  const { metadata } = object;
  if (namespace !== undefined && metadata.namespace !== undefined && metadata.namespace !== namespace) throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  if (name !== undefined && metadata.name !== undefined && metadata.name !== name) throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  return { ...object, metadata: { ...metadata, ...(name !== undefined && { name }), ...(namespace !== undefined && { namespace }) } };
}

function numberOf(query: URLSearchParams, name: string): number | undefined {
  const value = query.get(name);
  return value === null || value === '' ? undefined : Number(value);
}

function answer(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
