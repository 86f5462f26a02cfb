import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AuditRecord, listAudit, recordAudit } from '../../src/catalog/audit.ts';
import type { Catalog } from '../../src/catalog/catalog.ts';
import { type CatalogPlace, catalogPlaces, testClock, waiting } from './catalogs.ts';

const record = (over: Partial<AuditRecord> = {}): AuditRecord =>
  ({ actor: { id: '1', name: 'ann' }, action: 'account.create', object: 'account:2', outcome: 'done', ...over });

describe.each(catalogPlaces)('the audit on $name', ({ make }) => {
  let place: CatalogPlace;
  let catalog: Catalog;
  const clock = testClock();
  beforeAll(async () => {
    place = await make();
    catalog = await place.open();
    await catalog.migrate(waiting);
  });
  afterAll(async () => place.remove());

  const entriesOf = async (object: string) => (await listAudit({ catalog }, { limit: 10, object }, waiting)).items;
  const add = async (over: Partial<AuditRecord>) => recordAudit({ catalog, now: clock.now }, record(over), waiting);

  it('keeps who did what, when, from where, and how it went', async () => {
    await add({ object: 'account:whole', requestId: 'r-1', address: '192.0.2.7', details: { role: 'admin', count: 2, held: false, before: null } });
    expect(await entriesOf('account:whole')).toEqual([{
      id: expect.any(String), at: clock.now(), actor: { id: '1', name: 'ann' }, action: 'account.create', object: 'account:whole', outcome: 'done',
      requestId: 'r-1', address: '192.0.2.7', details: { role: 'admin', count: 2, held: false, before: null },
    }]);
  });

  it('refuses in the database itself to change or delete an entry', async () => {
    await add({ object: 'account:kept' });
    for (const statement of ["update audit_entry set actor_name = 'bob'", 'delete from audit_entry']) {
      await expect(catalog.transaction(async (em) => em.execute(statement), waiting)).rejects.toThrow('the audit is append-only');
    }
    expect(await entriesOf('account:kept')).toHaveLength(1);
  });

  it('hides what stands under a secret’s name, and takes any text', async () => {
    await add({ object: 'account:odd', actor: { name: 'nobody\0\u{D800}' }, details: { newPassword: 'hunter2', tokenId: '7', note: `\0${'x'.repeat(5000)}` } });
    const [entry] = await entriesOf('account:odd');
    expect(entry?.actor).toEqual({ name: 'nobody\u{FFFD}\u{FFFD}' });
    expect(entry?.details).toEqual({ newPassword: '[hidden]', tokenId: '7', note: `\u{FFFD}${'x'.repeat(999)}` });
  });

  it('is read newest first, by pages, and by what is looked for', async () => {
    for (let index = 0; index < 5; index += 1) {
      clock.advance(1);
      await add({ action: 'backup.hold', object: `backup:${index}`, actor: { id: index < 3 ? '7' : '8', name: 'carl' }, outcome: index === 0 ? 'refused' : 'done' });
    }
    const first = await listAudit({ catalog }, { limit: 3, action: 'backup.hold' }, waiting);
    const second = await listAudit({ catalog }, { limit: 3, action: 'backup.hold', after: first.next }, waiting);
    expect([...first.items, ...second.items].map(({ object }) => object)).toEqual(['backup:4', 'backup:3', 'backup:2', 'backup:1', 'backup:0']);
    expect(second.next).toBeUndefined();
    expect((await listAudit({ catalog }, { limit: 9, actorId: '7', outcome: 'refused' }, waiting)).items.map(({ object }) => object)).toEqual(['backup:0']);
    expect((await listAudit({ catalog }, { limit: 9, object: "x' or 1=1 --\0" }, waiting)).items).toEqual([]);
  });
});
