import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type AccountsContext, changeAccount, createAccount, deleteAccount, findAccount, findAccountByName, hasActiveAdmin, listAccounts } from '../../src/catalog/accounts.ts';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { changePassword, setPassword, signIn } from '../../src/catalog/sign-in.ts';
import { createPasswordHasher } from '../../src/operations/passwords/password-hasher.ts';
import { accountsContext, addAccount, type CatalogPlace, catalogPlaces, goodPassword, testClock, waiting } from './catalogs.ts';

describe.each(catalogPlaces)('accounts on $name', ({ make }) => {
  let place: CatalogPlace;
  let catalog: Catalog;
  let context: AccountsContext;
  let clock: ReturnType<typeof testClock>;
  beforeAll(async () => {
    place = await make();
    catalog = await place.open();
    await catalog.migrate(waiting);
  });
  beforeEach(async () => {
    clock = testClock();
    context = await accountsContext(catalog, clock.now);
  });
  afterEach(async () => {
    await catalog.transaction(async (em) => em.execute('delete from account'), waiting);
  });
  afterAll(async () => place.remove());

  it('are found as they were created, by id and by name in any case', async () => {
    const account = await createAccount(context, { name: 'Żaneta.o', password: goodPassword, role: 'operator', language: 'zh' }, waiting);
    expect(account).toEqual({ id: account.id, name: 'Żaneta.o', role: 'operator', language: 'zh', disabled: false, createdAt: clock.now(), failedAttempts: 0 });
    expect(await findAccount(context, account.id, waiting)).toEqual(account);
    expect(await findAccountByName(context, 'żANETA.O', waiting)).toEqual(account);
    expect(await findAccountByName(context, 'nobody', waiting)).toBeUndefined();
    expect(await findAccountByName(context, '\0', waiting)).toBeUndefined();
  });

  it('refuses a name that differs from another only in case or form', async () => {
    await addAccount(context, 'Ann');
    await expect(addAccount(context, 'ＡNN')).rejects.toMatchObject({ code: 'ACCOUNT_NAME_TAKEN', status: 409 });
  });

  it.each(['', ' ann', 'a b', '-ann', 'a\0', 'x'.repeat(65), '<script>', 'ann\u{200B}'])('refuses %j as a name', async (name) => {
    await expect(addAccount(context, name)).rejects.toMatchObject({ code: 'ACCOUNT_NAME_INVALID' });
  });

  it('refuses a password that the policy refuses, and keeps no account', async () => {
    await expect(createAccount(context, { name: 'ann', password: 'password1', role: 'viewer' }, waiting)).rejects.toMatchObject({ code: 'PASSWORD_TOO_COMMON' });
    expect(await findAccountByName(context, 'ann', waiting)).toBeUndefined();
  });

  it('come by pages in the order of their names, neither repeated nor skipped', async () => {
    for (const name of ['dora', 'Ann', 'carl', 'Bob', 'emil']) await addAccount(context, name);
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await listAccounts(context, { limit: 2, after }, waiting);
      seen.push(...page.items.map(({ name }) => name));
      after = page.next;
      if (seen.length === 2) await addAccount(context, 'aaron');
    } while (after !== undefined);
    expect(seen).toEqual(['Ann', 'Bob', 'carl', 'dora', 'emil']);
  });

  it.each(['x', 'bnVsbA', Buffer.from('["\\u0000","a"]').toString('base64url'), Buffer.from('[{"$ne":null},"a"]').toString('base64url')])('refuses %j as a place in the list', async (after) => {
    await expect(listAccounts(context, { limit: 2, after }, waiting)).rejects.toMatchObject({ code: 'CATALOG_CURSOR_INVALID', status: 400 });
  });

  it('signs in by name and password, and remembers when', async () => {
    const { id } = await addAccount(context, 'Ann');
    clock.advance(1000);
    const account = await signIn(context, { name: 'ann', password: goodPassword }, waiting);
    expect(account).toMatchObject({ id, lastSignInAt: clock.now(), failedAttempts: 0 });
    expect(await findAccount(context, id, waiting)).toEqual(account);
  });

  it('refuses an unknown name, a wrong password and a disabled account with the same error, and counts', async () => {
    const { id } = await addAccount(context, 'ann');
    const refused = { code: 'SIGN_IN_REFUSED', status: 401, values: {} };
    await expect(signIn(context, { name: 'bob', password: goodPassword }, waiting)).rejects.toMatchObject(refused);
    await expect(signIn(context, { name: 'ann', password: 'wrong' }, waiting)).rejects.toMatchObject(refused);
    await expect(signIn(context, { name: 'ann', password: 'x'.repeat(1000) }, waiting)).rejects.toMatchObject(refused);
    await changeAccount(context, id, { disabled: true }, waiting);
    await expect(signIn(context, { name: 'ann', password: goodPassword }, waiting)).rejects.toMatchObject(refused);
    expect(await findAccount(context, id, waiting)).toMatchObject({ failedAttempts: 2 });
    await changeAccount(context, id, { disabled: false }, waiting);
    expect(await signIn(context, { name: 'ann', password: goodPassword }, waiting)).toMatchObject({ failedAttempts: 0 });
  });

  it('makes an outdated hash anew at sign-in', async () => {
    await addAccount(context, 'ann');
    const dearer = { ...context, passwords: createPasswordHasher({ scheme: { name: 'argon2id', parameters: { m: 16, t: 2, p: 1 } } }) };
    await signIn(dearer, { name: 'ann', password: goodPassword }, waiting);
    const [row] = await catalog.run(async (em) => em.execute<{ password_hash: string }[]>('select password_hash from account'), waiting);
    expect(row?.password_hash).toMatch(/^\$argon2id\$v=19\$m=16,t=2,p=1\$/);
    await signIn(dearer, { name: 'ann', password: goodPassword }, waiting);
  });

  it('lets the owner change the password who knows the current one', async () => {
    const { id } = await addAccount(context, 'ann');
    await expect(changePassword(context, id, { current: 'wrong', next: 'nine green lamps' }, waiting)).rejects.toMatchObject({ code: 'PASSWORD_WRONG' });
    await changePassword(context, id, { current: goodPassword, next: 'nine green lamps' }, waiting);
    await signIn(context, { name: 'ann', password: 'nine green lamps' }, waiting);
    await setPassword(context, id, goodPassword, waiting);
    await signIn(context, { name: 'ann', password: goodPassword }, waiting);
    await expect(setPassword(context, id, 'annannann', waiting)).rejects.toMatchObject({ code: 'PASSWORD_IS_NAME' });
  });

  it('never loses the last administrator who can sign in', async () => {
    expect(await hasActiveAdmin(context, waiting)).toBe(false);
    const ann = await addAccount(context, 'ann', 'admin');
    const bob = await addAccount(context, 'bob', 'admin');
    await changeAccount(context, bob.id, { disabled: true }, waiting);
    const refused = { code: 'ACCOUNT_LAST_ADMIN', status: 409 };
    await expect(changeAccount(context, ann.id, { disabled: true }, waiting)).rejects.toMatchObject(refused);
    await expect(changeAccount(context, ann.id, { role: 'operator' }, waiting)).rejects.toMatchObject(refused);
    await expect(deleteAccount(context, ann.id, waiting)).rejects.toMatchObject(refused);
    expect(await findAccount(context, ann.id, waiting)).toEqual(ann);
    await changeAccount(context, bob.id, { disabled: false }, waiting);
    await deleteAccount(context, ann.id, waiting);
    expect(await hasActiveAdmin(context, waiting)).toBe(true);
    await expect(changeAccount(context, ann.id, { disabled: true }, waiting)).rejects.toMatchObject({ code: 'ACCOUNT_UNKNOWN' });
  });

  it('keeps one of two administrators who take each other’s rights at the same moment', async () => {
    const other = { catalog: await place.open() };
    for (let round = 0; round < 10; round += 1) {
      const ann = await addAccount(context, `ann${round}`, 'admin');
      const bob = await addAccount(context, `bob${round}`, 'admin');
      const results = await Promise.allSettled([
        changeAccount(context, ann.id, { role: 'viewer' }, waiting),
        changeAccount(other, bob.id, { role: 'viewer' }, waiting),
      ]);
      expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(await hasActiveAdmin(context, waiting)).toBe(true);
      await catalog.transaction(async (em) => em.execute('delete from account'), waiting);
    }
  });
});
