import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Account, type AccountsContext, changeAccount, deleteAccount } from '../../src/catalog/accounts.ts';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { createToken, listTokens, type NewToken, revokeToken, verifyToken } from '../../src/catalog/tokens.ts';
import { accountsContext, addAccount, type CatalogPlace, catalogPlaces, testClock, waiting } from './catalogs.ts';

const hour = 3_600_000;

describe.each(catalogPlaces)('API tokens on $name', ({ make }) => {
  let place: CatalogPlace;
  let catalog: Catalog;
  let context: AccountsContext;
  let clock: ReturnType<typeof testClock>;
  let account: Account;
  let count = 0;
  beforeAll(async () => {
    place = await make();
    catalog = await place.open();
    await catalog.migrate(waiting);
  });
  beforeEach(async () => {
    clock = testClock();
    context = await accountsContext(catalog, clock.now);
    account = await addAccount(context, `user${count++}`, 'operator');
  });
  afterAll(async () => place.remove());

  const wanted = (over: Partial<NewToken> = {}): NewToken =>
    ({ accountId: account.id, name: 'nightly report', scopes: ['backups:read'], role: 'operator', expiresAt: new Date(clock.now().getTime() + hour), ...over });

  it('name their account, with their scopes', async () => {
    const { secret, token } = await createToken(context, wanted(), waiting);
    expect(secret).toMatch(/^hft_[\w-]{43}$/);
    expect(await verifyToken(context, secret, waiting)).toEqual({
      principal: { id: account.id, name: account.name, role: 'operator', via: 'token' }, scopes: ['backups:read'], tokenId: token.id,
    });
  });

  it('are kept as hashes only', async () => {
    const { secret } = await createToken(context, wanted(), waiting);
    const rows = await catalog.run(async (em) => em.execute('select * from api_token'), waiting);
    expect(JSON.stringify(rows)).not.toContain(secret.slice(12));
    expect(rows).toEqual(expect.arrayContaining([expect.objectContaining({ prefix: secret.slice(0, 10) })]));
  });

  it('may never do more than their account, nor than they were made for', async () => {
    const admin = await createToken(context, wanted({ role: 'admin' }), waiting);
    const viewer = await createToken(context, wanted({ role: 'viewer' }), waiting);
    expect((await verifyToken(context, admin.secret, waiting))?.principal.role).toBe('operator');
    expect((await verifyToken(context, viewer.secret, waiting))?.principal.role).toBe('viewer');
  });

  it('end by expiry, by revocation, and with their account', async () => {
    const expiring = await createToken(context, wanted(), waiting);
    const revoked = await createToken(context, wanted({ expiresAt: new Date(clock.now().getTime() + 3 * hour) }), waiting);
    await revokeToken(context, revoked.token.id, {}, waiting);
    expect(await verifyToken(context, revoked.secret, waiting)).toBeUndefined();
    clock.advance(hour);
    expect(await verifyToken(context, expiring.secret, waiting)).toBeUndefined();

    const { secret } = await createToken(context, wanted(), waiting);
    await changeAccount(context, account.id, { disabled: true }, waiting);
    expect(await verifyToken(context, secret, waiting)).toBeUndefined();
    await changeAccount(context, account.id, { disabled: false }, waiting);
    expect(await verifyToken(context, secret, waiting)).toBeDefined();
    await deleteAccount(context, account.id, waiting);
    expect(await verifyToken(context, secret, waiting)).toBeUndefined();
    expect((await listTokens(context, { limit: 10, accountId: account.id }, waiting)).items).toEqual([]);
  });

  it.each(['', 'hft_', `hft_${'A'.repeat(43)}`, `hft_${'\0'.repeat(43)}`, 'x'.repeat(100_000)])('know nothing of a token that nobody made (%#)', async (secret) => {
    expect(await verifyToken(context, secret, waiting)).toBeUndefined();
  });

  it('remember when they were used, to a minute', async () => {
    const { secret } = await createToken(context, wanted(), waiting);
    const lastUse = async () => (await listTokens(context, { limit: 1, accountId: account.id }, waiting)).items[0]?.lastUsedAt?.getTime();
    expect(await lastUse()).toBeUndefined();
    const first = clock.now().getTime();
    await verifyToken(context, secret, waiting);
    clock.advance(59_999);
    await verifyToken(context, secret, waiting);
    expect(await lastUse()).toBe(first);
    clock.advance(1);
    await verifyToken(context, secret, waiting);
    expect(await lastUse()).toBe(first + 60_000);
  });

  it('come by pages, newest first, those of one account or of all', async () => {
    const names: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      names.unshift((await createToken(context, wanted({ name: `token ${index}` }), waiting)).token.name);
      // Two of them at the same moment.
      if (index !== 2) clock.advance(1);
    }
    const first = await listTokens(context, { limit: 2, accountId: account.id }, waiting);
    const second = await listTokens(context, { limit: 2, accountId: account.id, after: first.next }, waiting);
    const third = await listTokens(context, { limit: 2, accountId: account.id, after: second.next }, waiting);
    const seen = [first, second, third].flatMap(({ items }) => items.map(({ name }) => name));
    expect(seen.toSorted()).toEqual(names.toSorted());
    expect(seen[0]).toBe('token 4');
    expect(seen[4]).toBe('token 0');
    expect(third.next).toBeUndefined();
    expect((await listTokens(context, { limit: 200 }, waiting)).items.length).toBeGreaterThan(5);
  });

  it('are revoked by their owner alone, or by whoever may revoke all', async () => {
    const { token } = await createToken(context, wanted(), waiting);
    const other = await addAccount(context, `other${count++}`);
    await expect(revokeToken(context, token.id, { accountId: other.id }, waiting)).rejects.toMatchObject({ code: 'TOKEN_UNKNOWN', status: 404 });
    await revokeToken(context, token.id, { accountId: account.id }, waiting);
    const at = clock.now();
    clock.advance(1);
    await revokeToken(context, token.id, {}, waiting);
    expect((await listTokens(context, { limit: 1, accountId: account.id }, waiting)).items[0]?.revokedAt).toEqual(at);
  });

  it.each<[string, Partial<NewToken>]>([
    ['TOKEN_NAME_INVALID', { name: '' }],
    ['TOKEN_NAME_INVALID', { name: 'a\0b' }],
    ['TOKEN_NAME_INVALID', { name: 'x'.repeat(101) }],
    ['TOKEN_SCOPES_INVALID', { scopes: [] }],
    ['TOKEN_SCOPES_INVALID', { scopes: ['Backups Read'] }],
    ['TOKEN_EXPIRY_INVALID', { expiresAt: new Date(0) }],
    ['TOKEN_EXPIRY_INVALID', { expiresAt: new Date(Number.NaN) }],
    ['TOKEN_EXPIRY_INVALID', { expiresAt: new Date('2036-01-01') }],
    ['ACCOUNT_UNKNOWN', { accountId: 'nobody' }],
  ])('are refused as %s (%#)', async (code, over) => {
    await expect(createToken(context, wanted(over), waiting)).rejects.toMatchObject({ code });
  });
});
