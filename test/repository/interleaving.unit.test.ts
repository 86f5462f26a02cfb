import { describe, expect, it } from '@jest/globals';
import { assert, asyncProperty, type Scheduler, scheduler, shuffledSubarray } from 'fast-check';
import { listBackups } from '../../src/repository/backups.ts';
import { forgetBackups, listTrash, recallBackup } from '../../src/repository/forget.ts';
import type { ManifestHead } from '../../src/repository/manifest.ts';
import { headKey } from '../../src/repository/object-keys.ts';
import { pruneRepository } from '../../src/repository/prune.ts';
import type { Repository } from '../../src/repository/repository.ts';
import { requireSound } from '../../src/repository/resolve-backup.ts';
import type { Store } from '../../src/repository/store.ts';
import { backUp, dayMs, log, newRepository, readBack, signal, through } from './repository-fixture.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';
import { probeStore, waitingCalls, withCalls } from './store-probe.ts';

const minuteMs = 60 * 1000;

interface Scene {
  readonly store: MemoryStore;
  readonly repository: Repository;
  readonly live: ManifestHead;
  readonly recallable: ManifestHead;
  readonly expired: ManifestHead;
}

/** A live backup, one that can be recalled for three minutes more, one that cannot, and old parts that no backup lists. */
async function setScene(): Promise<Scene> {
  const store = createMemoryStore();
  const repository = await newRepository(store);
  const recallable = await backUp(repository, ['one two'], { source: 'recallable' });
  const live = await backUp(repository, ['two three'], { source: 'live' });
  const expired = await backUp(repository, ['one three five'], { source: 'expired' });
  const died = await backUp(repository, ['six seven'], { source: 'died' });
  store.objects.delete(headKey(died));
  const pass = (ms: number) => {
    store.clock = new Date(store.clock.getTime() + ms);
  };
  pass(20 * dayMs);
  await forgetBackups(repository, [expired], { signal });
  pass(dayMs);
  await forgetBackups(repository, [recallable], { signal });
  pass(7 * dayMs - 3 * minuteMs);
  return { store, repository, live, recallable, expired };
}

/** The repository as one process sees it: the test decides whose call comes next, and each takes a minute. */
function asSeenByOne({ store, repository }: Scene, order: Scheduler, name: string): Repository {
  const probed = probeStore(store, waitingCalls, async (call) => {
    await order.schedule(Promise.resolve(), `${name}: ${call}`);
    store.clock = new Date(store.clock.getTime() + minuteMs);
  });
  async function* list(...[prefix, options]: Parameters<Store['list']>) {
    await order.schedule(Promise.resolve(), `${name}: list ${prefix}`);
    yield* store.list(prefix, options);
  }
  return through(repository, withCalls(probed, { list }));
}

const actors: Record<string, (repository: Repository, scene: Scene) => Promise<unknown>> = {
  backup: async (repository) => backUp(repository, ['one two three', 'five six eight'], { source: 'new' }),
  'other backup': async (repository) => backUp(repository, ['two seven', 'eight'], { source: 'other', compression: 'none' }),
  forget: async (repository, { live }) => forgetBackups(repository, [live], { signal }),
  recall: async (repository, { recallable }) => recallBackup(repository, recallable, { signal }),
  'recall of what is being forgotten': async (repository, { live }) => recallBackup(repository, live, { signal }),
  prune: async (repository) => pruneRepository(repository, { log, signal }),
  'other prune': async (repository) => pruneRepository(repository, { log, signal }),
};

/** What an actor may find because of the others: too late, gone already. */
const expected = new Set(['RECALL_TOO_LATE', 'BACKUP_NOT_FOUND']);

async function readEverything(repository: Repository): Promise<string[]> {
  const entries = await listBackups(repository, { signal });
  for (const entry of entries) await readBack(repository, requireSound(entry).head);
  return entries.map(({ source }) => source);
}

describe('backups, forgets, recalls and prunes side by side', () => {
  it('lose no part of any listed or recallable backup, in whatever order their calls come', async () => {
    await assert(
      asyncProperty(scheduler(), shuffledSubarray(Object.keys(actors), { minLength: 2 }), async (order, names) => {
        const scene = await setScene();
        const ends = names.map(async (name) =>
          actors[name]?.(asSeenByOne(scene, order, name), scene).then(
            () => 'done',
            (error: unknown) => (error as { code?: string }).code ?? String(error),
          ),
        );
        const codes = await order.waitFor(Promise.all(ends));
        expect(codes.filter((code) => code !== 'done' && !expected.has(code ?? ''))).toEqual([]);

        const { repository, store } = scene;
        const listed = await readEverything(repository);
        expect(listed).toEqual(expect.arrayContaining(names.filter((name) => name.endsWith('backup')).map((name) => (name === 'backup' ? 'new' : 'other'))));
        const trash = await listTrash(repository, { signal });
        // The live backup is never gone: it is listed, or it can be recalled.
        expect([...listed, ...trash.map(({ source }) => source)]).toContain('live');
        for (const entry of trash.filter(({ source }) => source === 'live')) await recallBackup(repository, entry, { signal });
        expect(await readEverything(repository)).toContain('live');

        store.clock = new Date(store.clock.getTime() + 60 * dayMs);
        await pruneRepository(repository, { log, signal });
        expect(await readEverything(repository)).toEqual(expect.arrayContaining(listed));
      }),
      { numRuns: 150 },
    );
  });
});
