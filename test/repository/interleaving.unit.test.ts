import { describe, expect, it } from '@jest/globals';
import { assert, asyncProperty, scheduler } from 'fast-check';
import { listBackups } from '../../src/repository/backups/backups.ts';
import { forgetBackups, listTrash, recallBackup } from '../../src/repository/backups/forget.ts';
import type { ManifestHead } from '../../src/repository/manifest/manifest.ts';
import { headKey } from '../../src/repository/manifest/object-keys.ts';
import { pruneRepository } from '../../src/repository/prune/prune.ts';
import type { Repository } from '../../src/repository/repository.ts';
import { requireSound } from '../../src/repository/backups/resolve-backup.ts';
import type { Store } from '../../src/repository/stores/store.ts';
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

/** A live backup, one that can be recalled for some minutes more, one that cannot, and old parts that no backup lists. */
async function setScene(minutesLeft: number): Promise<Scene> {
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
  pass(7 * dayMs - minutesLeft * minuteMs);
  return { store, repository, live, recallable, expired };
}

/**
 * The repository as one process sees it: before each of its calls `turn` is awaited, and each call takes a minute. Prune's
 * last look at a part and its deletion count as one: runs wait longer than these take together (grace.ts).
 */
function asSeenByOne({ store, repository }: Scene, turn: () => Promise<unknown>): Repository {
  const take = async () => {
    await turn();
    store.clock = new Date(store.clock.getTime() + minuteMs);
  };
  async function* list(...parameters: Parameters<Store['list']>) {
    await take();
    yield* store.list(...parameters);
  }
  const probed = probeStore(store, waitingCalls, async (call, key) => {
    if (call !== 'delete' || !key.startsWith('parts/')) await take();
  });
  return through(repository, withCalls(probed, { list }));
}

const actors = {
  backup: async (repository) => backUp(repository, ['one two three', 'five six eight'], { source: 'new' }),
  'other backup': async (repository) => backUp(repository, ['two seven', 'eight'], { source: 'other', compression: 'none' }),
  'forget of the live': async (repository, { live }) => forgetBackups(repository, [live], { signal }),
  'recall of the live': async (repository, { live }) => recallBackup(repository, live, { signal }),
  'forget of the recallable': async (repository, { recallable }) => forgetBackups(repository, [recallable], { signal }),
  'recall of the recallable': async (repository, { recallable }) => recallBackup(repository, recallable, { signal }),
  prune: async (repository) => pruneRepository(repository, { log, signal }),
} satisfies Record<string, (repository: Repository, scene: Scene) => Promise<unknown>>;
type Actor = keyof typeof actors;
const actorNames = Object.keys(actors) as Actor[];

/** What an actor may find because of the others. */
const expected = new Set(['RECALL_TOO_LATE', 'BACKUP_NOT_FOUND']);

async function act(name: Actor, scene: Scene, turn: () => Promise<unknown> = async () => undefined): Promise<boolean> {
  try {
    await actors[name](asSeenByOne(scene, turn), scene);
    return true;
  } catch (error) {
    if (expected.has((error as { code?: string }).code ?? '')) return false;
    throw error;
  }
}

async function readEverything(repository: Repository): Promise<string[]> {
  const entries = await listBackups(repository, { signal });
  for (const entry of entries) await readBack(repository, requireSound(entry).head);
  return entries.map(({ source }) => source);
}

/** Nothing is lost: what is listed reads back, now and after a later prune, and what was live is live or can be recalled. */
async function checkScene({ repository, store }: Scene, done: readonly Actor[]): Promise<void> {
  const listed = await readEverything(repository);
  const trash = await listTrash(repository, { signal });
  const known = [...listed, ...trash.map(({ source }) => source)];
  const needed = ['live', ...(done.includes('backup') ? ['new'] : []), ...(done.includes('other backup') ? ['other'] : []), ...(done.includes('recall of the recallable') ? ['recallable'] : [])];
  expect(known).toEqual(expect.arrayContaining(needed));
  for (const entry of trash.filter(({ source }) => source === 'live')) await recallBackup(repository, entry, { signal });
  expect(await readEverything(repository)).toContain('live');
  store.clock = new Date(store.clock.getTime() + 60 * dayMs);
  await pruneRepository(repository, { log, signal });
  expect(await readEverything(repository)).toEqual(expect.arrayContaining(listed));
}

describe('backups, forgets, recalls and prunes side by side lose nothing', () => {
  it.each(actorNames)('when a %s waits before any of its calls until another of them is done', async (outer) => {
    expect.hasAssertions();
    // A recall by itself looks at the clock in its fourth call.
    const minutesLeft = 5;
    for (const inner of actorNames) {
      let isPaused = true;
      for (let pause = 0; isPaused; pause += 1) {
        const scene = await setScene(minutesLeft);
        const done: Actor[] = [];
        let calls = 0;
        isPaused = false;
        const turn = async () => {
          if (calls === pause) {
            isPaused = true;
            if (await act(inner, scene)) done.push(inner);
          }
          calls += 1;
        };
        if (await act(outer, scene, turn)) done.push(outer);
        await checkScene(scene, done);
      }
    }
  });

  it.each([
    ['all of them', actorNames, 60],
    ['a forget and a recall of the same backup', ['forget of the recallable', 'recall of the recallable'] satisfies Actor[], 100],
  ])('in whatever order the calls of %s come', async (_, names, numRuns) => {
    expect.hasAssertions();
    await assert(
      asyncProperty(scheduler(), async (order) => {
        const scene = await setScene(60);
        const ends = names.map(async (name) => ((await act(name, scene, async () => order.schedule(Promise.resolve(), name))) ? [name] : []));
        const done = (await order.waitFor(Promise.all(ends))).flat();
        await checkScene(scene, done);
      }),
      { numRuns },
    );
  });
});
