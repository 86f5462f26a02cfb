import { createHash, randomBytes, randomUUID } from 'node:crypto';

import type { InferEntity } from '@mikro-orm/core';

import { type Principal, type Role, roles } from '../operations/http/service.ts';
import type { Waiting } from '../operations/sessions/session-store.ts';
import { accountErrors } from './account-errors.ts';
import type { Catalog } from './catalog.ts';
import { AccountRow, TokenRow } from './entities.ts';
import { olderThan, type Page, type PageRequest, toPage } from './page.ts';
import { present } from './present.ts';
import { jsonOf, timeOf } from './raw-rows.ts';
import { tokenErrors } from './token-errors.ts';

/** An API token as it is listed: never the token itself. */
export interface ApiToken {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  /** How the token begins, to tell it from others. */
  readonly prefix: string;
  readonly scopes: readonly string[];
  /** It may never do more than this role may, and never more than its account. */
  readonly role: Role;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** Exact to a minute. */
  readonly lastUsedAt?: Date;
  readonly revokedAt?: Date;
}

export interface NewToken {
  readonly accountId: string;
  readonly name: string;
  /** Such as `backups:read`; what they allow is for the routes to say. */
  readonly scopes: readonly string[];
  readonly role: Role;
  readonly expiresAt: Date;
}

export interface TokensContext {
  readonly catalog: Catalog;
  readonly now: () => Date;
}

/** Makes a leaked token recognisable, for people and for scanners of secrets. */
const tokenStart = 'hft_';
const tokenForm = /^hft_[A-Za-z0-9_-]{43}$/;
const shownCharacters = 10;
const scopeForm = /^[a-z][a-z-]{0,30}(?::[a-z][a-z-]{0,30})?$/;
const mostDays = 366;
const dayMs = 86_400_000;
/** So often at most is it written that a token was used. */
const useRecordedMs = 60_000;

/**
 * Makes a token: 32 random bytes of which only the hash is kept, so that `secret` is shown this once. Throws
 * TOKEN_NAME_INVALID, TOKEN_SCOPES_INVALID, TOKEN_EXPIRY_INVALID, ACCOUNT_UNKNOWN.
 */
export async function createToken({ catalog, now }: TokensContext, wanted: NewToken, waiting: Waiting): Promise<{ secret: string; token: ApiToken }> {
  const createdAt = now();
  checkToken(wanted, createdAt);
  const secret = `${tokenStart}${randomBytes(32).toString('base64url')}`;
  const row = {
    id: randomUUID(),
    account: wanted.accountId,
    name: wanted.name.normalize('NFC'),
    hash: hashOf(secret),
    prefix: secret.slice(0, shownCharacters),
    scopes: [...new Set(wanted.scopes)],
    role: wanted.role,
    createdAt,
    expiresAt: wanted.expiresAt,
    lastUsedAt: null,
    revokedAt: null,
  };
  await catalog.transaction(async (em) => {
    if ((await em.count(AccountRow, { id: wanted.accountId })) === 0) throw accountErrors.ACCOUNT_UNKNOWN({});
    await em.insert(TokenRow, row);
  }, waiting);
  return { secret, token: toToken(row) };
}

/** Who sends this token, if it is good: known, neither expired nor revoked, its account not disabled. */
export async function verifyToken(
  { catalog, now }: TokensContext,
  secret: string,
  waiting: Waiting,
): Promise<{ principal: Principal; scopes: readonly string[]; tokenId: string } | undefined> {
  if (!tokenForm.test(secret)) return undefined;
  const at = now();
  return catalog.run(async (em) => {
    const [row] = await em.execute<GoodToken[]>(goodToken, [hashOf(secret), at, false]);
    if (row === undefined) return undefined;
    const recently = new Date(at.getTime() - useRecordedMs);
    if (row.last_used_at === null || timeOf(row.last_used_at) <= recently) {
      await em.nativeUpdate(TokenRow, { id: row.token_id, $or: [{ lastUsedAt: null }, { lastUsedAt: { $lte: recently } }] }, { lastUsedAt: at });
    }
    return {
      principal: { id: row.account_id, name: row.name, role: lower(row.token_role, row.account_role), via: 'token' },
      scopes: jsonOf(row.scopes) as readonly string[],
      tokenId: row.token_id,
    };
  }, waiting);
}

const goodToken = `select t.id as token_id, t.scopes, t.role as token_role, t.last_used_at, a.id as account_id, a.name, a.role as account_role
  from api_token t join account a on a.id = t.account_id
  where t.hash = ? and t.expires_at > ? and t.revoked_at is null and a.disabled = ?`;

interface GoodToken {
  readonly token_id: string;
  readonly scopes: unknown;
  readonly token_role: Role;
  readonly last_used_at: unknown;
  readonly account_id: string;
  readonly name: string;
  readonly account_role: Role;
}

/** Whether it is a token of this service, good or not: such a one is shown to nobody else. */
export function isOwnToken(secret: string): boolean {
  return secret.startsWith(tokenStart);
}

/** Newest first, those of one account or of all. Throws CATALOG_CURSOR_INVALID. */
export async function listTokens({ catalog }: Pick<TokensContext, 'catalog'>, request: PageRequest & { readonly accountId?: string | undefined }, waiting: Waiting): Promise<Page<ApiToken>> {
  const where = { ...(request.accountId !== undefined && { account: request.accountId }), ...olderThan('createdAt', request.after) };
  const rows = await catalog.run(async (em) => em.find(TokenRow, where, { orderBy: { createdAt: 'desc', id: 'desc' }, limit: request.limit + 1 }), waiting);
  return toPage(rows, request, toToken, (row) => [row.createdAt.toISOString(), row.id]);
}

/** Ends a token for good; one of another account than `accountId`, if that is given, is unknown. Throws TOKEN_UNKNOWN. */
export async function revokeToken({ catalog, now }: TokensContext, id: string, { accountId }: { readonly accountId?: string | undefined }, waiting: Waiting): Promise<void> {
  const mine = { id, ...(accountId !== undefined && { account: accountId }) };
  await catalog.transaction(async (em) => {
    if ((await em.count(TokenRow, mine)) === 0) throw tokenErrors.TOKEN_UNKNOWN({});
    await em.nativeUpdate(TokenRow, { ...mine, revokedAt: null }, { revokedAt: now() });
  }, waiting);
}

function checkToken({ name, scopes, expiresAt }: NewToken, now: Date): void {
  const characters = Array.from(name).length;
  if (characters < 1 || characters > 100 || name.trim() !== name || /[\p{C}]/u.test(name)) throw tokenErrors.TOKEN_NAME_INVALID({}, { data: { field: 'name' } });
  if (scopes.length < 1 || scopes.length > 20 || !scopes.every((scope) => scopeForm.test(scope))) {
    throw tokenErrors.TOKEN_SCOPES_INVALID({}, { data: { field: 'scopes' } });
  }
  const lifetime = expiresAt.getTime() - now.getTime();
  if (!(lifetime > 0 && lifetime <= mostDays * dayMs)) throw tokenErrors.TOKEN_EXPIRY_INVALID({ days: mostDays }, { data: { field: 'expiresAt' } });
}

/** SHA-256 is enough for what is random already; the search by it is no search by secret. */
function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function lower(one: Role, other: Role): Role {
  return roles.indexOf(one) < roles.indexOf(other) ? one : other;
}

function toToken(row: InferEntity<typeof TokenRow>): ApiToken {
  return {
    id: row.id,
    accountId: row.account,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    role: row.role,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    ...present({ lastUsedAt: row.lastUsedAt, revokedAt: row.revokedAt }),
  };
}
