import { createHash, randomBytes } from 'node:crypto';
import type { Context } from 'koa';
import type { Role, ServiceContext, ServiceMiddleware } from '../http/service.ts';
import { waitingOf } from '../http/waiting.ts';
import type { SessionRecord, SessionStore, Waiting } from './session-store.ts';

/** Name and attributes of the session's cookie, as koa's `ctx.cookies.set` takes them. It never gets a Max-Age: it ends with the browser. */
export interface SessionCookie {
  readonly name: string;
  readonly attributes: NonNullable<Parameters<Context['cookies']['set']>[2]>;
}

export interface SessionsOptions {
  readonly store: SessionStore;
  readonly cookie: SessionCookie;
  /** A session ends this long after sign-in. */
  readonly absoluteSeconds?: number;
  /** A session ends when it is not used for this long. */
  readonly idleSeconds?: number;
  readonly now?: () => Date;
}

/** Who signed in, as the account says at that moment. */
export interface SignedInUser {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

export interface Sessions {
  /**
   * Sets `ctx.state.principal` by the session's cookie. A request with an Authorization header is left alone: a browser
   * sends cookies wherever the request comes from, so one that shows a token must stand by that token alone.
   * Throws the store's 503 error when a session cannot be looked up: nobody is taken for signed out, or in, by mistake.
   */
  readonly middleware: ServiceMiddleware;
  /** Begins a session under a new id and ends the one that the request came with. */
  signIn(ctx: ServiceContext, user: SignedInUser): Promise<void>;
  /** Ends the request's session, and its cookie. */
  signOut(ctx: ServiceContext): Promise<void>;
  /** Ends all sessions of a user, as after a change of password or role. */
  signOutEverywhere(userId: string, waiting: Waiting): Promise<void>;
}

/** 32 random bytes in base64url. */
const cookieValue = /^[\w-]{43}$/;
/** The expiry in the store is renewed when this share of the idle time has passed, not at each request. */
const touchAfterShare = 1 / 30;

/** Sign-in by cookie, with sessions in a store. Without options: 12 hours in all, 30 minutes of idleness. */
export function createSessions({ store, cookie, absoluteSeconds = 12 * 3600, idleSeconds = 30 * 60, now = () => new Date() }: SessionsOptions): Sessions {
  const lifeOf = (record: SessionRecord): number => Math.min(idleSeconds, (record.expiresAt - now().getTime()) / 1000);
  // Unsigned: 256 random bits need no proof of origin. Overwriting: one answer says one thing of a cookie.
  const attributes = { ...cookie.attributes, signed: false, overwrite: true };
  const clearCookie = (ctx: ServiceContext): void => { ctx.cookies.set(cookie.name, null, attributes); };

  const resume = async (ctx: ServiceContext, id: string): Promise<void> => {
    const waiting = waitingOf(ctx);
    const session = await store.get(id, waiting);
    const life = session === undefined ? 0 : lifeOf(session.record);
    if (session === undefined || life <= 0) {
      clearCookie(ctx);
      return;
    }
    if (life - session.remainingSeconds > idleSeconds * touchAfterShare) await store.touch(id, life, waiting);
    ctx.state.principal = { id: session.record.userId, name: session.record.name, role: session.record.role, via: 'session' };
  };

  return {
    middleware: async (ctx, next) => {
      const id = ctx.headers.authorization === undefined ? idOf(ctx, cookie.name) : undefined;
      if (id !== undefined) await resume(ctx, id);
      return next();
    },
    signIn: async (ctx, user) => {
      const waiting = waitingOf(ctx);
      const value = randomBytes(32).toString('base64url');
      const createdAt = now().getTime();
      const record = { userId: user.id, name: user.name, role: user.role, createdAt, expiresAt: createdAt + absoluteSeconds * 1000 };
      const previous = idOf(ctx, cookie.name);
      if (previous !== undefined) await store.delete(previous, waiting);
      await store.put(hashed(value), record, lifeOf(record), waiting);
      ctx.cookies.set(cookie.name, value, attributes);
      ctx.state.principal = { ...user, via: 'session' };
    },
    signOut: async (ctx) => {
      const id = idOf(ctx, cookie.name);
      clearCookie(ctx);
      delete ctx.state.principal;
      if (id !== undefined) await store.delete(id, waitingOf(ctx));
    },
    signOutEverywhere: async (userId, waiting) => store.deleteOf(userId, waiting),
  };
}

function idOf(ctx: ServiceContext, name: string): string | undefined {
  if (ctx.headers.cookie === undefined) return undefined;
  const value = ctx.cookies.get(name, { signed: false });
  return value !== undefined && cookieValue.test(value) ? hashed(value) : undefined;
}

function hashed(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}
