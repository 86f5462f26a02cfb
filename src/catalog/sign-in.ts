import { raw } from '@mikro-orm/core';

import { exceedsPasswordLength } from '../operations/passwords/password-policy.ts';
import type { Waiting } from '../operations/sessions/session-store.ts';
import { accountErrors } from './account-errors.ts';
import { type Account, type AccountsContext, findRowByName, toAccount } from './accounts.ts';
import { AccountRow } from './entities.ts';

/**
 * Checks name and password and gives the account; how often it may be tried is for a limiter before it. A hash made
 * with other costs than today's is made anew. Throws SIGN_IN_REFUSED, before which a hash is derived whatever the
 * reason, and PASSWORD_CHECKS_BUSY.
 */
export async function signIn({ catalog, passwords, now }: AccountsContext, { name, password }: { readonly name: string; readonly password: string }, waiting: Waiting): Promise<Account> {
  if (exceedsPasswordLength(password)) throw accountErrors.SIGN_IN_REFUSED({});
  const row = await findRowByName(catalog, name, waiting);
  const { valid, outdated } = await passwords.verify(password, row?.passwordHash, waiting);
  if (row === undefined) throw accountErrors.SIGN_IN_REFUSED({});
  if (!valid || row.disabled) {
    await catalog.run(async (em) => em.nativeUpdate(AccountRow, { id: row.id }, { failedAttempts: raw<number>('failed_attempts + 1') }), waiting);
    throw accountErrors.SIGN_IN_REFUSED({});
  }
  const lastSignInAt = now();
  const renewed = outdated ? { passwordHash: await passwords.hash(password, waiting) } : {};
  // Only while the account is what was checked: a password changed, or an account disabled, in between wins.
  const changed = await catalog.run(async (em) => em.nativeUpdate(
    AccountRow,
    { id: row.id, passwordHash: row.passwordHash, disabled: false },
    { lastSignInAt, failedAttempts: 0, ...renewed },
  ), waiting);
  if (changed === 0) throw accountErrors.SIGN_IN_REFUSED({});
  return { ...toAccount(row), lastSignInAt, failedAttempts: 0 };
}

/** Lets the account's owner change the password. The caller ends its other sessions. Throws PASSWORD_WRONG and the policy's errors. */
export async function changePassword(
  context: AccountsContext,
  id: string,
  { current, next }: { readonly current: string; readonly next: string },
  waiting: Waiting,
): Promise<void> {
  const row = await context.catalog.run(async (em) => em.findOne(AccountRow, { id }), waiting);
  if (row === null) throw accountErrors.ACCOUNT_UNKNOWN({});
  const known = !exceedsPasswordLength(current) && (await context.passwords.verify(current, row.passwordHash, waiting)).valid;
  if (!known) throw accountErrors.PASSWORD_WRONG({}, { data: { field: 'current' } });
  await setPassword(context, id, next, waiting);
}

/** Sets a password whatever it was before: what an administrator or a command does. Throws ACCOUNT_UNKNOWN and the policy's errors. */
export async function setPassword({ catalog, passwords, policy }: AccountsContext, id: string, password: string, waiting: Waiting): Promise<void> {
  const row = await catalog.run(async (em) => em.findOne(AccountRow, { id }), waiting);
  if (row === null) throw accountErrors.ACCOUNT_UNKNOWN({});
  policy.check(password, { name: row.name });
  const passwordHash = await passwords.hash(password, waiting);
  await catalog.run(async (em) => em.nativeUpdate(AccountRow, { id }, { passwordHash, failedAttempts: 0 }), waiting);
}
