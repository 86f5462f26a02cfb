import type { Middleware, ParameterizedContext } from 'koa';
import type { AreaError } from '../errors.ts';
import type { Logger } from '../logging.ts';
import type { Language } from '../text.ts';

/** What a signed-in caller may do: each role may do all that the one before it may. */
export const roles = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof roles)[number];

/** Who makes a request. */
export interface Principal {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** A browser sends a session's cookie by itself, wherever a request comes from; a token it does not. */
  readonly via: 'session' | 'token';
}

/** What a request carries in `ctx.state` once the outermost middleware has seen it. */
export interface ServiceState {
  requestId: string;
  language: Language;
  /** Its lines carry the request's id. */
  log: Logger;
  principal?: Principal;
  /** The route's template (`/users/:id`), once a route has matched: what metrics are labelled by. */
  routePath?: string;
  /** The code of the error that was answered, if one was: what metrics count. */
  errorCode?: string;
  /** What an unexpected error of this request is answered as: the error of the area that its handler belongs to. */
  areaError?: AreaError;
  /** The formats that errors of this request may be answered in: all, when nothing is set. */
  errorFormats?: readonly ErrorFormat[];
}

/** `json` is the service's own shape, `problem` RFC 9457's, `html` a page for people. */
export type ErrorFormat = 'json' | 'problem' | 'html';

export type ServiceContext = ParameterizedContext<ServiceState>;
export type ServiceMiddleware = Middleware<ServiceState>;
