import type { Role } from '../http/service.ts';

/** What a session knows of who signed in. Fixed at sign-in: whoever changes an account ends its sessions (`deleteOf`). */
export interface SessionRecord {
  readonly userId: string;
  readonly name: string;
  readonly role: Role;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970: when the session ends however busy it is. The store's own expiry may come earlier. */
  readonly expiresAt: number;
}

export interface StoredSession {
  readonly record: SessionRecord;
  /** How long the store still keeps it when nobody touches it. */
  readonly remainingSeconds: number;
}

export interface Waiting {
  readonly signal: AbortSignal;
}

/**
 * Where sessions live. `id` is the SHA-256 of the cookie's value in hexadecimal, never the value itself: who reads a
 * store cannot sign in. Every method throws a 503 error when the store cannot be reached.
 */
export interface SessionStore {
  /** The session if there is one that has not expired. */
  get(id: string, waiting: Waiting): Promise<StoredSession | undefined>;
  /** Creates or replaces it; it vanishes by itself after `ttlSeconds`. */
  put(id: string, record: SessionRecord, ttlSeconds: number, waiting: Waiting): Promise<void>;
  /** Lets an existing session live `ttlSeconds` from now. Never brings back one that was deleted meanwhile. */
  touch(id: string, ttlSeconds: number, waiting: Waiting): Promise<void>;
  /** Deletes it; one that does not exist is fine. */
  delete(id: string, waiting: Waiting): Promise<void>;
  /** Deletes every session of this user. */
  deleteOf(userId: string, waiting: Waiting): Promise<void>;
}
