import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { listBackups } from '../../src/repository/backups/backups.ts';
import { forgetBackups, listTrash, recallBackup } from '../../src/repository/backups/forget.ts';
import { pruneRepository } from '../../src/repository/prune/prune.ts';
import type { Repository } from '../../src/repository/repository.ts';
import { requireSound } from '../../src/repository/backups/resolve-backup.ts';
import { createDirectoryStore } from '../../src/repository/stores/directory.ts';
import { backUp, dayMs, log, newKeys, newRepository, readBack, signal, through } from './repository-fixture.ts';
import { Died, dyingStore, laterStore } from './store-probe.ts';

const mostCalls = 60;
const keys = newKeys();
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-crash-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What each step of the table starts from: two live backups, one forgotten, and what a dead run left. */
async function prepare(name: string): Promise<Repository> {
  const store = createDirectoryStore({ path: join(folder, name) });
  const repository = await newRepository(store, keys);
  await backUp(repository, ['one two', 'three']);
  await backUp(repository, ['two three four']);
  const forgotten = await backUp(repository, ['four five six'], { source: 'forgotten' });
  await forgetBackups(repository, [forgotten], { signal });
  await backUp(through(repository, dyingStore(store, 2)), ['left over by a dead run']).catch(ignoreDeath);
  return repository;
}

function ignoreDeath(error: unknown): void {
  if (!(error instanceof Died)) throw error;
}

async function readEverything(repository: Repository): Promise<string[]> {
  const entries = await listBackups(repository, { signal });
  const texts = await Promise.all(entries.map(async (entry) => readBack(repository, requireSound(entry).head)));
  return texts.map((text) => text.join(' | '));
}

const steps: Record<string, (repository: Repository) => Promise<unknown>> = {
  backup: async (repository) => backUp(repository, ['one six', 'seven eight']),
  forget: async (repository) => forgetBackups(repository, (await listBackups(repository, { signal })).slice(0, 1), { signal }),
  recall: async (repository) => Promise.all((await listTrash(repository, { signal })).map(async (entry) => recallBackup(repository, entry, { signal }))),
  prune: async (repository) => pruneRepository(through(repository, laterStore(repository.store, 8 * dayMs)), { log, signal }),
};

describe.each(Object.entries(steps))('a %s that dies', (_, step) => {
  it('at any of its calls leaves every listed backup readable, and the next of each kind needs no repair', async () => {
    let isComplete = false;
    for (let calls = 0; !isComplete && calls < mostCalls; calls += 1) {
      const repository = await prepare(String(calls));
      const before = await readEverything(repository);
      isComplete = await step(through(repository, dyingStore(repository.store, calls))).then(
        () => true,
        (error: unknown) => {
          ignoreDeath(error);
          return false;
        },
      );
      const after = await readEverything(repository);
      // A backup may have come or gone, as the step is to do; no other is touched.
      expect(before.filter((text) => !after.includes(text)).length + after.filter((text) => !before.includes(text)).length).toBeLessThanOrEqual(1);

      await step(repository);
      const again = await readEverything(repository);
      const added = await backUp(repository, ['one two five left', 'nine']);
      const later = through(repository, laterStore(repository.store, 30 * dayMs));
      await pruneRepository(later, { log, signal });
      expect(await readEverything(repository)).toEqual([...again, 'one two five left | nine']);
      expect(await readBack(repository, added)).toEqual(['one two five left', 'nine']);
      expect(await pruneRepository(later, { log, signal })).toMatchObject({ backups: 0, files: 0, parts: 0 });
    }
    expect(isComplete).toBe(true);
  });
});
