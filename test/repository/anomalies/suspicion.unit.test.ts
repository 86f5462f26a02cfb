import { beforeEach, describe, expect, it } from '@jest/globals';
import { acceptBackup, withdrawAcceptance } from '../../../src/repository/anomalies/acceptance.ts';
import { findSuspicions } from '../../../src/repository/anomalies/suspicion.ts';
import { asRetained, listDrilledBackups } from '../../../src/repository/backups/backups.ts';
import { forgetBackups } from '../../../src/repository/backups/forget.ts';
import { newBackupId } from '../../../src/repository/backups/backup-run.ts';
import { acceptanceKey, bodyKey, headKey } from '../../../src/repository/manifest/object-keys.ts';
import type { ManifestHead } from '../../../src/repository/manifest/manifest.ts';
import { writeSealed } from '../../../src/repository/manifest/sealed-document.ts';
import { planCleanup } from '../../../src/repository/retention/cleanup-plan.ts';
import { pruneRepository } from '../../../src/repository/prune/prune.ts';
import type { Repository } from '../../../src/repository/repository.ts';
import { createMemoryStore, type MemoryStore } from '../memory-store.ts';
import { backUp, codeFrom, dayMs, log, newKeys, newRepository, signal } from '../repository-fixture.ts';
import { verify } from '../verify/verify-fixture.ts';

let store: MemoryStore;
let repository: Repository;
let template: ManifestHead;
beforeEach(async () => {
  store = createMemoryStore();
  repository = await newRepository(store, newKeys());
  template = await backUp(repository, ['rows'], { source: 'template' });
});

const day = (number: number) => new Date(Date.parse('2026-03-01T02:00:00Z') + number * dayMs);
const sizesOf = (rows: number): ManifestHead['sizes'] => ({ raw: rows * 1000, stored: rows * 400, newStored: rows, parts: 10, newParts: 1, tables: 5, rows });

/** Puts the head of a backup of that day and that many rows, judged as a commit judges it. */
async function backUpRows(number: number, rows: number, changes: Partial<ManifestHead['sizes']> = {}): Promise<ManifestHead> {
  const [sizes, startedAt] = [{ ...sizesOf(rows), ...changes }, day(number)];
  const id = newBackupId(startedAt);
  const suspicions = await findSuspicions(repository, { source: 'shop', id, engine: 'postgres', sizes }, { signal });
  const { seal: _, ...facts } = template;
  const head = { ...facts, source: 'shop', id, startedAt: startedAt.toISOString(), sizes, ...suspicions };
  const content = writeSealed(head, repository.encryption);
  await store.put(headKey(head), content, { signal });
  return JSON.parse(content.toString()) as ManifestHead;
}

async function usualWeek(): Promise<ManifestHead[]> {
  const heads = [];
  for (let number = 0; number < 7; number += 1) heads.push(await backUpRows(number, 100_000 + number));
  return heads;
}

const suspiciousIds = async () => (await listDrilledBackups(repository, { source: 'shop', signal })).filter(({ suspicious }) => suspicious).map(({ id }) => id);
const isSuspicious = ({ suspicious }: ManifestHead) => suspicious !== undefined;

describe('a backup that is far from those before it', () => {
  it('is marked, however often it comes, and is no measure for later ones', async () => {
    const week = await usualWeek();
    expect(week.filter(isSuspicious)).toEqual([]);
    const bad = [];
    for (let number = 7; number < 30; number += 1) bad.push(await backUpRows(number, 5000));
    expect(bad.filter(isSuspicious)).toHaveLength(bad.length);
    expect(bad[0]?.suspicious?.map(({ en }) => en)).toContain('there are 5000 rows, usual is 100003');
    expect(await backUpRows(30, 100_000)).not.toHaveProperty('suspicious');
    expect(await suspiciousIds()).toEqual(bad.map(({ id }) => id));
  });

  it('counts like any other once it is accepted, and those after it are compared with it', async () => {
    await usualWeek();
    await backUpRows(7, 5000);
    const looked = await backUpRows(8, 5000);
    await acceptBackup(repository, looked, { reason: 'the archive was emptied', now: day(9), signal });
    expect(await backUpRows(9, 5000)).not.toHaveProperty('suspicious');
    expect(isSuspicious(await backUpRows(10, 100_000))).toBe(true);
    expect(await suspiciousIds()).toHaveLength(2);
    await withdrawAcceptance(repository, looked, { signal });
    expect(await suspiciousIds()).toContain(looked.id);
  });

  it('does not take the place of a good one when backups are cleaned up', async () => {
    const week = await usualWeek();
    await backUpRows(7, 5000);
    const latest = await backUpRows(8, 5000);
    const plan = async () => planCleanup((await listDrilledBackups(repository, { source: 'shop', signal })).map(asRetained), { keepLast: 1 }, { now: day(9) });
    expect((await plan()).decisions.filter(({ keep }) => keep).map(({ backup }) => backup.id)).toEqual([week.at(-1)?.id, latest.id]);
    await acceptBackup(repository, latest, { reason: '', now: day(9), signal });
    expect((await plan()).decisions.filter(({ keep }) => keep).map(({ backup }) => backup.id)).toEqual([latest.id]);
  });

  it('makes those after it suspicious as well where its content was rewritten, until one is accepted', async () => {
    const week = await usualWeek();
    const rewritten = { newStored: sizesOf(100_000).stored };
    const first = await backUpRows(7, 100_000, rewritten);
    const later = [];
    for (let number = 8; number < 20; number += 1) later.push(await backUpRows(number, 100_000));
    expect([first, ...later].filter(({ rewrittenIn }) => rewrittenIn === first.id)).toHaveLength(13);
    expect(later.at(-1)?.suspicious?.map(({ en }) => en)).toEqual([`most of the content was rewritten in backup ${first.id}, and nobody has accepted that`]);
    const kept = planCleanup((await listDrilledBackups(repository, { source: 'shop', signal })).map(asRetained), { keepLast: 3 }, { now: day(20) }).decisions.filter(({ keep }) => keep);
    expect(kept.map(({ backup }) => backup.id)).toEqual(expect.arrayContaining(week.slice(-3).map(({ id }) => id)));
    // The alarm outlives the backup that raised it.
    await forgetBackups(repository, [first], { signal });
    expect(isSuspicious(await backUpRows(20, 100_000))).toBe(true);
    await acceptBackup(repository, later[3] as ManifestHead, { reason: 'a new column in every row', now: day(21), signal });
    expect(await backUpRows(21, 100_000)).not.toHaveProperty('suspicious');
  });

  it('is compared with sound backups of the same source and engine only', async () => {
    const week = await usualWeek();
    const now = { source: 'shop', id: newBackupId(day(7)), engine: 'postgres', sizes: sizesOf(5000) } as const;
    const find = async (changes: Partial<Pick<ManifestHead, 'source' | 'engine'>> = {}) => (await findSuspicions(repository, { ...now, ...changes }, { signal })).suspicious ?? [];
    expect(await find()).not.toEqual([]);
    expect(await find({ source: 'other' })).toEqual([]);
    expect(await find({ engine: 'sqlite' })).toEqual([]);
    for (const head of week) await store.put(headKey(head), Buffer.from('damaged'), { signal });
    expect(await find()).toEqual([]);
  });
});

describe('an acceptance', () => {
  it('is of a backup that is there', async () => {
    expect(await codeFrom(acceptBackup(repository, { source: 'shop', id: template.id }, { reason: '', now: day(0), signal }))).toBe('BACKUP_NOT_FOUND');
    await withdrawAcceptance(repository, { source: 'shop', id: template.id }, { signal });
  });

  it('that is damaged or of another backup accepts nothing, and verify names it', async () => {
    await usualWeek();
    const [bad, worse] = [await backUpRows(7, 5000), await backUpRows(8, 4000)];
    await acceptBackup(repository, worse, { reason: 'right', now: day(9), signal });
    await store.put(acceptanceKey(bad), await store.get(acceptanceKey(worse), { signal }), { signal });
    await store.put(acceptanceKey(worse), Buffer.from('{}'), { signal });
    expect(await suspiciousIds()).toEqual([bad.id, worse.id]);
    const { findings } = await verify(repository, { source: 'shop', share: undefined });
    expect(findings.filter(({ kind }) => kind === 'acceptance').map(({ object, problem }) => [object, problem])).toEqual([
      [acceptanceKey(bad), 'misplaced'],
      [acceptanceKey(worse), 'unauthentic'],
    ]);
  });

  it('goes with the backup that it is of', async () => {
    await acceptBackup(repository, template, { reason: '', now: day(0), signal });
    await forgetBackups(repository, [template], { signal });
    await pruneRepository(repository, { log, signal });
    expect(store.objects.has(acceptanceKey(template))).toBe(true);
    for (let pass = 0; pass < 2; pass += 1) {
      store.clock = new Date(store.clock.getTime() + 9 * dayMs);
      await pruneRepository(repository, { log, signal });
    }
    expect([...store.objects.keys()].filter((key) => key === acceptanceKey(template) || key === bodyKey(template))).toEqual([]);
  });
});
