import { describe, expect, it } from '@jest/globals';
import { asRetained, listDrilledBackups } from '../../../src/repository/backups/backups.ts';
import { forgetBackups, listTrash, recallBackup } from '../../../src/repository/backups/forget.ts';
import type { DrillDocument } from '../../../src/repository/drills/drill-document.ts';
import { openDrillReport, readDrillPage, readDrills } from '../../../src/repository/drills/read-drills.ts';
import { readVerdicts } from '../../../src/repository/drills/verdicts.ts';
import type { ManifestHead } from '../../../src/repository/manifest/manifest.ts';
import { bodyKey, drillKey, drillPageKey, headKey, parseDrillKey, referencesKey } from '../../../src/repository/manifest/object-keys.ts';
import { writeSealed } from '../../../src/repository/manifest/sealed-document.ts';
import { pruneRepository } from '../../../src/repository/prune/prune.ts';
import { openRepository, type Repository } from '../../../src/repository/repository.ts';
import { backUp, codeFrom, dayMs, log, newKeys, newRepository, signal, through } from '../repository-fixture.ts';
import { createMemoryStore, type MemoryStore } from '../memory-store.ts';
import { dyingStore, probeStore, waitingCalls } from '../store-probe.ts';
import { drill, renderPage } from './drill-fixture.ts';

async function setUp() {
  const store = createMemoryStore();
  const keys = newKeys();
  const repository = await newRepository(store, keys);
  const head = await backUp(repository, ['rows of a table']);
  const later = (days: number) => {
    store.clock = new Date(store.clock.getTime() + days * dayMs);
  };
  return { store, keys, repository, head, later };
}

const verdictOf = async (repository: Repository) => (await listDrilledBackups(repository, { signal }))[0]?.verdict?.outcome ?? 'none';
const drillFiles = (store: MemoryStore) => [...store.objects.keys()].filter((key) => key.startsWith('drills/'));

async function lastDocument(repository: Repository, head: ManifestHead): Promise<DrillDocument> {
  const [last] = await readDrills(repository, head, { signal });
  if (last?.state !== 'ok') throw new Error('there is no good report');
  return last.document;
}

/** Writes over an object of the store. */
async function change(store: MemoryStore, key: string, by: (content: Buffer) => Buffer): Promise<void> {
  await store.put(key, by(Buffer.from(store.objects.get(key)?.bytes ?? '')), { signal });
}

const flip = (content: Buffer) => {
  content[80] = (content[80] ?? 0) ^ 1;
  return content;
};

describe('a drill that was recorded', () => {
  it('is read back as it was, with its page', async () => {
    const { repository, head } = await setUp();
    const report = await drill(repository, head, 'failed');
    const document = await lastDocument(repository, head);
    expect(openDrillReport(repository, document)).toEqual(report);
    expect((await readDrillPage(repository, document, { signal })).toString()).toBe(renderPage(report));
    expect(report).toMatchObject({ source: head.source, id: head.id, backupSeal: head.seal, ageMs: Date.parse('2026-03-02T00:00:00Z') - Date.parse(head.stateAt) });
  });

  it('shows nothing of tables and findings to who reads only the store, and its outcome to who has no identity', async () => {
    const { store, keys, repository, head } = await setUp();
    await drill(repository, head, 'failed');
    for (const key of drillFiles(store)) expect(store.objects.get(key)?.bytes.toString('latin1')).not.toContain('orders');
    const { identities: _, ...withoutIdentity } = keys;
    const blind = await openRepository(store, { keys: { ...withoutIdentity, identities: [] }, signal });
    expect(await verdictOf(blind)).toBe('failed');
    const document = await lastDocument(blind, head);
    expect(() => openDrillReport(blind, document)).toThrow(expect.objectContaining({ code: 'REPOSITORY_IDENTITY_REQUIRED' }));
    expect(await codeFrom(readDrillPage(blind, document, { signal }))).toBe('REPOSITORY_IDENTITY_REQUIRED');
  });

  it('can be recorded by a job that has an identity and no recipients', async () => {
    const { store, keys, repository, head } = await setUp();
    const job = await openRepository(store, { keys: { ...keys, recipients: [] }, signal });
    const report = await drill(job, head, 'failed');
    expect(openDrillReport(repository, await lastDocument(repository, head))).toEqual(report);
  });

  it('is plain in a repository without encryption', async () => {
    const store = createMemoryStore();
    const repository = await newRepository(store);
    const head = await backUp(repository, ['rows']);
    const report = await drill(repository, head, 'failed');
    expect(store.objects.get(drillPageKey(report, 'html'))?.bytes.toString()).toBe(renderPage(report));
    expect(openDrillReport(repository, await lastDocument(repository, head))).toEqual(report);
  });

  it('cuts values that no person reads to the end', async () => {
    const { repository, head } = await setUp();
    const found = 'x'.repeat(100_000);
    const finding = { check: 'assertions', object: 'SELECT 1', expected: 'true', found } as const;
    await drill(repository, head, 'failed', { details: { findings: [finding], warnings: [] } });
    const { details } = openDrillReport(repository, await lastDocument(repository, head));
    expect(details.findings).toEqual([{ ...finding, found: `${found.slice(0, 500)}…` }]);
  });

  it('is there whole or not at all, at whichever call its run dies', async () => {
    const { store, repository, head } = await setUp();
    const left = new Set<string>();
    for (let calls = 0; calls < 4; calls += 1) {
      store.objects.delete(drillFiles(store).find((key) => key.endsWith('.json')) ?? '');
      const died = await drill(through(repository, dyingStore(store, calls)), head, 'passed').then(() => 'alive', () => 'died');
      const reports = await readDrills(repository, head, { signal });
      for (const report of reports) {
        if (report.state !== 'ok') throw new Error(report.reason);
        expect((await readDrillPage(repository, report.document, { signal })).toString()).toContain('<!doctype html>');
      }
      left.add(`${died}, ${reports.length} reports`);
    }
    expect([...left]).toEqual(['died, 0 reports', 'alive, 1 reports']);
  });

  it('leaves no report where its page could not be stored', async () => {
    const { store, repository, head } = await setUp();
    const broken = probeStore(store, ['put'], async () => {
      throw new Error('the disk is full');
    });
    await expect(drill(through(repository, broken), head, 'passed')).rejects.toThrow('the disk is full');
    expect(drillFiles(store)).toEqual([]);
  });
});

describe('the verdict on a backup', () => {
  it('is that of the last drill that says anything of it', async () => {
    const { repository, head } = await setUp();
    expect(await verdictOf(repository)).toBe('none');
    for (const [outcome, verdict] of [['could-not-run', 'none'], ['passed', 'passed'], ['could-not-run', 'passed'], ['failed', 'failed'], ['could-not-run', 'failed'], ['passed', 'passed']] as const) {
      await drill(repository, head, outcome);
      expect([outcome, await verdictOf(repository)]).toEqual([outcome, verdict]);
    }
    expect(await readDrills(repository, head, { signal })).toHaveLength(6);
  });

  it('goes by the order of recording, even under a clock that goes back', async () => {
    const { repository, head, later } = await setUp();
    await drill(repository, head, 'passed');
    later(-3);
    await drill(repository, head, 'failed');
    expect(await verdictOf(repository)).toBe('failed');
  });

  it('decides what retention takes for proven, and for disproven', async () => {
    const { repository, head } = await setUp();
    const retained = async () => (await listDrilledBackups(repository, { signal })).map(asRetained).map(({ proven, disproven }) => ({ proven, disproven }));
    expect(await retained()).toEqual([{ proven: false, disproven: false }]);
    await drill(repository, head, 'passed');
    expect(await retained()).toEqual([{ proven: true, disproven: false }]);
    await drill(repository, head, 'failed');
    expect(await retained()).toEqual([{ proven: false, disproven: true }]);
  });

  it('costs one read for each drilled backup, however often it was drilled', async () => {
    const { store, repository, head } = await setUp();
    await backUp(repository, ['never drilled']);
    for (let drills = 0; drills < 5; drills += 1) await drill(repository, head, 'passed');
    const heads = await listDrilledBackups(repository, { signal });
    const calls: string[] = [];
    const counted = probeStore(store, [...waitingCalls], (call, key) => void calls.push(`${call} ${key}`));
    await readVerdicts(through(repository, counted), heads, { signal });
    expect(calls).toEqual([expect.stringMatching(/^get drills\/.*\.json$/)]);
  });
});

describe('a report that is not to be trusted', () => {
  it('counts as none: changed, cut off, forged, of another form, or far too large', async () => {
    const { store, repository, head } = await setUp();
    await drill(repository, head, 'failed');
    const key = drillKey(await drill(repository, head, 'passed'));
    expect(await verdictOf(repository)).toBe('passed');
    const original = Buffer.from(store.objects.get(key)?.bytes ?? '');
    const stranger = await newRepository(createMemoryStore(), newKeys());
    const changes: Record<string, (content: Buffer) => Buffer> = {
      flipped: flip,
      truncated: (content) => content.subarray(0, -9),
      rewritten: (content) => Buffer.from(content.toString().replace('"tables":2', '"tables":3')),
      'sealed with another key': (content) => writeSealed(JSON.parse(content.toString()) as Record<string, unknown>, stranger.encryption),
      'well sealed, but no report': () => writeSealed({ format: 1, repository: repository.id, source: head.source, id: head.id, outcome: 'passed' }, repository.encryption),
      'too large': () => Buffer.alloc(5 * 1024 * 1024, ' '),
    };
    for (const [what, by] of Object.entries(changes)) {
      await store.put(key, original, { signal });
      await change(store, key, by);
      expect([what, await verdictOf(repository)]).toEqual([what, 'failed']);
      expect([what, (await readDrills(repository, head, { signal }))[0]?.state]).toEqual([what, 'damaged']);
    }
  });

  it('counts as none when it is replayed: under another backup, another drill, another source, or for a head in the old one’s place', async () => {
    const { store, repository, head } = await setUp();
    const other = await backUp(repository, ['other rows']);
    const elsewhere = await backUp(repository, ['rows'], { source: 'books' });
    const report = await drill(repository, head, 'passed');
    const good = store.objects.get(drillKey(report))?.bytes ?? Buffer.alloc(0);
    await store.put(drillKey({ ...other, drill: report.drill }), good, { signal });
    await store.put(drillKey({ ...elsewhere, drill: report.drill }), good, { signal });
    await store.put(drillKey({ ...head, drill: '20300101T000000Z-aaaaaa' }), good, { signal });
    const verdicts = await readVerdicts(repository, await listDrilledBackups(repository, { signal }), { signal });
    expect([...verdicts.keys()]).toEqual([`shop/${head.id}`]);
    expect(verdicts.get(`shop/${head.id}`)?.drill).toBe(report.drill);

    // Who holds the repository's key can write a head anew; its old report is not of that backup.
    const { seal: _, ...fields } = head;
    await store.put(headKey(head), writeSealed({ ...fields, origin: 'postgres://db/other' }, repository.encryption), { signal });
    expect((await listDrilledBackups(repository, { signal })).find(({ id }) => id === head.id)).toMatchObject({ state: 'ok', verdict: undefined });
  });

  it('counts as none when it comes from another repository of the same key', async () => {
    const { repository, head } = await setUp();
    await drill({ ...repository, id: 'another' }, head, 'passed');
    expect(await readDrills(repository, head, { signal })).toMatchObject([{ state: 'damaged', reason: 'it was written for another repository' }]);
    expect(await verdictOf(repository)).toBe('none');
  });

  it('is not blamed for its page, which is refused when it is asked for', async () => {
    const { store, repository, head } = await setUp();
    const report = await drill(repository, head, 'passed');
    await change(store, drillPageKey(report, 'html.age'), flip);
    expect(await verdictOf(repository)).toBe('passed');
    const document = await lastDocument(repository, head);
    expect(await codeFrom(readDrillPage(repository, document, { signal }))).toBe('OBJECT_CORRUPT');
  });
});

describe('the reports of a backup that is forgotten', () => {
  it('stay until it is swept, and prove it again when it is recalled', async () => {
    const { store, repository, head, later } = await setUp();
    await drill(repository, head, 'passed');
    later(30);
    await forgetBackups(repository, [head], { signal });
    expect((await readVerdicts(repository, await listTrash(repository, { signal }), { signal })).size).toBe(1);
    later(6.9);
    await pruneRepository(repository, { log, signal });
    await recallBackup(repository, head, { signal });
    expect(await verdictOf(repository)).toBe('passed');
    await forgetBackups(repository, [head], { signal });
    later(8);
    expect(drillFiles(store)).toHaveLength(2);
    expect(await pruneRepository(repository, { log, signal })).toMatchObject({ backups: 1, files: 4 });
    expect([...store.objects.keys()]).toEqual(['repository.json']);
  });

  it('are swept with a backup that was given up, and, where nothing else is left, once they are older than the grace', async () => {
    const { store, repository, head, later } = await setUp();
    await drill(repository, head, 'failed');
    await store.delete(referencesKey(head), { signal });
    await pruneRepository(repository, { log, signal, giveUp: [head.id] });
    expect(drillFiles(store)).toEqual([]);

    const gone = await backUp(repository, ['more']);
    await drill(repository, gone, 'passed');
    for (const key of [headKey(gone), bodyKey(gone), referencesKey(gone)]) await store.delete(key, { signal });
    await pruneRepository(repository, { log, signal });
    expect(drillFiles(store)).toHaveLength(2);
    later(8);
    await pruneRepository(repository, { log, signal, confirmed: true });
    expect(drillFiles(store)).toEqual([]);
  });
});

describe('a key under drills/', () => {
  it('means something only if it is spelled as ours are', () => {
    const name = { source: 'shop', id: '20260116T180445Z-a1b2c3', drill: '20260117T000000Z-000000' };
    expect(parseDrillKey(drillKey(name))).toEqual({ ...name, file: 'json' });
    expect(parseDrillKey(drillPageKey(name, 'html.age'))).toEqual({ ...name, file: 'html.age' });
    for (const key of ['drills/shop/x.json', 'drills/Shop/20260116T180445Z-a1b2c3/20260117T000000Z-000000.json', `${drillKey(name)}.bak`, 'backups/shop/20260116T180445Z-a1b2c3.json']) {
      expect(parseDrillKey(key)).toBeUndefined();
    }
  });
});
