import type { IncomingMessage, ServerResponse } from 'node:http';
import { mayDo } from './access.ts';
import { act, type ActionParts, type Answer } from './actions.ts';
import { parseAddress } from './address.ts';
import { discover } from './discovery.ts';
import { type Faults, type SeenRequest, suffer } from './faults.ts';
import { openApi } from './openapi.ts';
import type { PodLogs } from './pod-logs.ts';
import { forbidden, noSuchPath, Refusal, unauthorized } from './refusal.ts';
import { bodyOf, numberOf, type Request, verbOf } from './request.ts';
import { everyMatch } from './selectors.ts';
import type { User, Users } from './users.ts';
import { type OpenWatch, openWatch } from './watch.ts';

export interface HandlerParts extends ActionParts {
  readonly faults: Faults;
  readonly watches: Set<OpenWatch>;
  readonly seen: SeenRequest[];
  readonly logs: PodLogs;
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
  if (subresource !== undefined && !(subresource === 'status' && type.status) && !(subresource === 'scale' && type.scaled)) throw noSuchPath();
  const body = incoming.method === 'GET' ? undefined : await bodyOf(incoming);
  const whole: Request = {
    user, address, type, verb, body,
    query: url.searchParams,
    contentType: (incoming.headers['content-type'] ?? 'application/json').split(';')[0] ?? '',
    manager: url.searchParams.get('fieldManager') ?? (incoming.headers['user-agent'] ?? 'unknown').split('/')[0] ?? 'unknown',
    asTable: (incoming.headers.accept ?? '').includes('as=Table'),
  };
  if (verb === 'watch') {
    watch(parts, whole, response);
    return;
  }
  const answered = act(parts, whole);
  if (fault === 'cut-after') incoming.socket.destroy();
  else answer(response, answered);
}

function watch({ cluster, watches }: HandlerParts, { type, address: { namespace, name }, query }: Request, response: ServerResponse): void {
  const fields = [query.get('fieldSelector') ?? '', name === undefined ? '' : `metadata.name=${name}`].filter((part) => part !== '').join(',');
  const opened = openWatch(cluster.store, response, {
    type,
    matches: everyMatch({ namespace, labels: query.get('labelSelector') ?? undefined, fields }),
    revision: numberOf(query, 'resourceVersion'),
    bookmarks: query.get('allowWatchBookmarks') === 'true',
    sendInitialEvents: query.get('sendInitialEvents') === 'true',
    timeoutSeconds: numberOf(query, 'timeoutSeconds') ?? 1800,
  }, (ended) => { watches.delete(ended); });
  watches.add(opened);
}

function authenticated(users: Users, { headers: { authorization = '' } }: IncomingMessage): User {
  const user = users.holderOf(authorization.replace(/^Bearer /, ''));
  if (user === undefined) throw unauthorized();
  return user;
}

function answer(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
