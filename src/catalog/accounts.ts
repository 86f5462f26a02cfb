import { randomUUID } from 'node:crypto';

import { type InferEntity, LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sqlite';

import type { Role } from '../operations/http/service.ts';
import type { PasswordHasher } from '../operations/passwords/password-hasher.ts';
import type { PasswordPolicy } from '../operations/passwords/password-policy.ts';
import type { Waiting } from '../operations/sessions/session-store.ts';
import type { Language } from '../operations/text.ts';
import { accountErrors } from './account-errors.ts';
import { accountNameKey, checkAccountName } from './account-names.ts';
import type { Catalog } from './catalog.ts';
import { AccountRow } from './entities.ts';
import { type Page, type PageRequest, readPosition, toPage } from './page.ts';
import { present } from './present.ts';

/** An account as others may see it: without its password's hash. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** In which it is spoken to, whatever its browser asks for. */
  readonly language?: Language;
  readonly disabled: boolean;
  readonly createdAt: Date;
  readonly lastSignInAt?: Date;
  /** Refused sign-ins since the last one that went through. */
  readonly failedAttempts: number;
}

/** What the functions of accounts work with. */
export interface AccountsContext {
  readonly catalog: Catalog;
  readonly passwords: PasswordHasher;
  readonly policy: PasswordPolicy;
  readonly now: () => Date;
}

export interface NewAccount {
  readonly name: string;
  readonly password: string;
  readonly role: Role;
  readonly language?: Language;
}

/** Throws ACCOUNT_NAME_INVALID, ACCOUNT_NAME_TAKEN, the policy's errors, PASSWORD_CHECKS_BUSY. */
export async function createAccount(context: AccountsContext, { name: given, password, role, language }: NewAccount, waiting: Waiting): Promise<Account> {
  const name = checkAccountName(given);
  context.policy.check(password, { name });
  const row = {
    id: randomUUID(),
    name,
    nameKey: name.toLowerCase(),
    passwordHash: await context.passwords.hash(password, waiting),
    role,
    language: language ?? null,
    disabled: false,
    createdAt: context.now(),
    lastSignInAt: null,
    failedAttempts: 0,
  };
  try {
    await context.catalog.run(async (em) => em.insert(AccountRow, row), waiting);
  } catch (error) {
    throw error instanceof UniqueConstraintViolationException ? accountErrors.ACCOUNT_NAME_TAKEN({ name }, { cause: error, data: { field: 'name' } }) : error;
  }
  return toAccount(row);
}

export async function findAccount({ catalog }: Pick<AccountsContext, 'catalog'>, id: string, waiting: Waiting): Promise<Account | undefined> {
  const row = await catalog.run(async (em) => em.findOne(AccountRow, { id }), waiting);
  return row === null ? undefined : toAccount(row);
}

export async function findAccountByName({ catalog }: Pick<AccountsContext, 'catalog'>, name: string, waiting: Waiting): Promise<Account | undefined> {
  const row = await findRowByName(catalog, name, waiting);
  return row === undefined ? undefined : toAccount(row);
}

/** By name. Throws CATALOG_CURSOR_INVALID. */
export async function listAccounts({ catalog }: Pick<AccountsContext, 'catalog'>, request: PageRequest, waiting: Waiting): Promise<Page<Account>> {
  const after = readPosition(request.after);
  const where = after === undefined ? {} : { nameKey: { $gt: after[0] } };
  const rows = await catalog.run(async (em) => em.find(AccountRow, where, { orderBy: { nameKey: 'asc' }, limit: request.limit + 1 }), waiting);
  return toPage(rows, request, toAccount, (row) => [row.nameKey, row.id]);
}

/** Whether anybody can administer: a service without one tells how the first is made. */
export async function hasActiveAdmin({ catalog }: Pick<AccountsContext, 'catalog'>, waiting: Waiting): Promise<boolean> {
  return (await catalog.run(async (em) => em.count(AccountRow, activeAdmins), waiting)) > 0;
}

export interface AccountChange {
  readonly role?: Role;
  readonly disabled?: boolean;
  /** `null`: as the browser asks. */
  readonly language?: Language | null;
}

/**
 * Changes an account. Whoever calls it for role or disabled ends the account's sessions (`SessionStore.deleteOf`): they
 * know the role of their beginning. Throws ACCOUNT_UNKNOWN, ACCOUNT_LAST_ADMIN.
 */
export async function changeAccount({ catalog }: Pick<AccountsContext, 'catalog'>, id: string, change: AccountChange, waiting: Waiting): Promise<Account> {
  return catalog.transaction(async (em) => keepingAdmin(em, id, (row) => toAccount(Object.assign(row, change))), waiting);
}

/** Deletes an account and its tokens; its sessions are the caller's to end. Throws ACCOUNT_UNKNOWN, ACCOUNT_LAST_ADMIN. */
export async function deleteAccount({ catalog }: Pick<AccountsContext, 'catalog'>, id: string, waiting: Waiting): Promise<void> {
  await catalog.transaction(async (em) => keepingAdmin(em, id, (row) => { em.remove(row); }), waiting);
}

/** The row itself, for sign-in and passwords. */
export async function findRowByName(catalog: Catalog, name: string, waiting: Waiting): Promise<InferEntity<typeof AccountRow> | undefined> {
  const nameKey = accountNameKey(name);
  if (nameKey === undefined) return undefined;
  return (await catalog.run(async (em) => em.findOne(AccountRow, { nameKey }), waiting)) ?? undefined;
}

export function toAccount(row: InferEntity<typeof AccountRow>): Account {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    disabled: row.disabled,
    createdAt: row.createdAt,
    failedAttempts: row.failedAttempts,
    ...present({ language: row.language, lastSignInAt: row.lastSignInAt }),
  };
}

const activeAdmins = { role: 'admin', disabled: false } as const;

/**
 * Changes an account unless nobody could administer any more. Locks it and all administrators, in one order: of two who
 * take each other's rights at the same moment the second waits for the first, and is refused.
 */
async function keepingAdmin<Result>(em: SqlEntityManager, id: string, change: (row: InferEntity<typeof AccountRow>) => Result): Promise<Result> {
  const locked = await em.find(AccountRow, { $or: [{ id }, activeAdmins] }, { orderBy: { id: 'asc' }, lockMode: LockMode.PESSIMISTIC_WRITE });
  const row = locked.find((candidate) => candidate.id === id);
  if (row === undefined) throw accountErrors.ACCOUNT_UNKNOWN({});
  // Where there is none yet, none can be lost.
  const hadAdmin = locked.some((candidate) => candidate.role === 'admin' && !candidate.disabled);
  const result = change(row);
  await em.flush();
  if (hadAdmin && (await em.count(AccountRow, activeAdmins)) === 0) throw accountErrors.ACCOUNT_LAST_ADMIN({});
  return result;
}
