import { request } from 'node:https';
import { json } from 'node:stream/consumers';
import type { ApiServer } from '../support/api-server/start.ts';

export interface Reply {
  readonly status: number;
  // What a test looks at is known to the test.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

export interface Rest {
  (method: string, path: string, body?: unknown, contentType?: string): Promise<Reply>;
}

/** Bare requests of one user: what clients hide, such as status codes. */
export function restOf(server: ApiServer, user = 'admin'): Rest {
  const token = server.tokenFor(user);
  return (method, path, body, contentType = 'application/json') => new Promise((resolve, reject) => {
    const sent = body === undefined ? '' : JSON.stringify(body);
    const outgoing = request(`${server.url}${path}`, { method, ca: server.certificate, agent: false, headers: { authorization: `Bearer ${token}`, 'content-type': contentType, 'content-length': Buffer.byteLength(sent) } }, (response) => {
      resolve(json(response).then((parsed) => ({ status: response.statusCode ?? 0, body: parsed })));
    });
    outgoing.on('error', reject);
    outgoing.end(sent);
  });
}

/** Server-side apply as a manager. */
export function applyAs(rest: Rest, manager: string) {
  return (path: string, object: object, options = ''): Promise<Reply> => rest('PATCH', `${path}?fieldManager=${manager}${options}`, object, 'application/apply-patch+yaml');
}
