import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listBackups } from '../../src/repository/backups/backups.ts';
import { forgetBackups, listTrash, recallBackup } from '../../src/repository/backups/forget.ts';
import { holdBackup, releaseBackup } from '../../src/repository/backups/hold.ts';
import { pruneRepository } from '../../src/repository/prune/prune.ts';
import { requireSound, resolveBackup } from '../../src/repository/backups/resolve-backup.ts';
import { createDirectoryStore } from '../../src/repository/stores/directory.ts';
import { createS3Store } from '../../src/repository/stores/s3.ts';
import type { Store } from '../../src/repository/stores/store.ts';
import { backUp, codeFrom, dayMs, log, newKeys, newRepository, readBack, reopen, signal, through } from './repository-fixture.ts';
import { laterStore } from './store-probe.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-life-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run by npm test`);
  return value;
}

function openBucket(endpoint: string): Store {
  const credentials = { accessKeyId: setting('TEST_S3_ACCESS_KEY_ID'), secretAccessKey: setting('TEST_S3_SECRET_ACCESS_KEY') };
  return createS3Store({ endpoint, region: setting('TEST_S3_REGION'), bucket: setting('TEST_S3_BUCKET'), prefix: `life-${randomUUID()}`, credentials });
}

describe.each<[string, boolean, () => Store]>([
  ['a folder', true, () => createDirectoryStore({ path: join(folder, randomUUID()) })],
  ['a bucket', true, () => openBucket(setting('TEST_S3_ENDPOINT'))],
  ['a bucket of a server that ignores conditions', false, () => openBucket(setting('TEST_S3_PLAIN_ENDPOINT'))],
])('a repository in %s', (_, conditionalPut, open) => {
  it.each([['encrypted', newKeys()], ['not encrypted', undefined]])('lives its whole life, %s', async (__, keys) => {
    const store = open();
    const repository = await reopen(await newRepository(store, keys));
    expect(repository.conditionalPut).toBe(conditionalPut);
    expect(await codeFrom(newRepository(store, keys))).toBe('REPOSITORY_EXISTS');

    const first = await backUp(repository, ['one two', 'three']);
    const second = await backUp(repository, ['one two', 'four'], { compression: 'none' });
    expect(second.sizes).toMatchObject({ parts: 3, newParts: 1 });
    const entries = await listBackups(repository, { signal });
    expect(entries.map(({ id, state }) => [id, state])).toEqual([[first.id, 'ok'], [second.id, 'ok']]);
    expect(await readBack(repository, requireSound(resolveBackup(entries, 'latest', { store: store.url })).head)).toEqual(['one two', 'four']);

    await holdBackup(repository, first, { reason: 'audit', now: new Date(), signal });
    expect(await codeFrom(forgetBackups(repository, [first], { signal }))).toBe('BACKUP_HELD');
    await releaseBackup(repository, first, { signal });
    await forgetBackups(repository, [first], { signal });
    expect(await listTrash(repository, { signal })).toMatchObject([{ id: first.id }]);
    await recallBackup(repository, first, { signal });
    expect(await readBack(repository, first)).toEqual(['one two', 'three']);

    await forgetBackups(repository, [first], { signal });
    expect(await pruneRepository(repository, { log, signal })).toMatchObject({ backups: 0, parts: 0 });
    const later = through(repository, laterStore(store, 8 * dayMs));
    expect(await codeFrom(recallBackup(later, first, { signal }))).toBe('RECALL_TOO_LATE');
    expect(await pruneRepository(later, { log, signal })).toMatchObject({ backups: 1, files: 2, parts: 1, partsKept: 3 });
    expect((await listBackups(repository, { signal })).map(({ id }) => id)).toEqual([second.id]);
    expect(await readBack(repository, second)).toEqual(['one two', 'four']);
    await store.close();
  });
});
