import assert from 'node:assert/strict';
import { listBackups } from '../../../src/repository/backups/backups.ts';
import { listTrash } from '../../../src/repository/backups/forget.ts';
import { readHolds } from '../../../src/repository/backups/hold.ts';
import { requireSound } from '../../../src/repository/backups/resolve-backup.ts';
import type { StoredHead } from '../../../src/repository/manifest/heads.ts';
import type { ManifestHead } from '../../../src/repository/manifest/manifest.ts';
import { nameOf, parseBackupKey } from '../../../src/repository/manifest/object-keys.ts';
import { visitReferences } from '../../../src/repository/manifest/references.ts';
import type { Repository } from '../../../src/repository/repository.ts';
import { createMemoryStore, type MemoryStore } from '../memory-store.ts';
import { dayMs, newRepository, readBack, signal } from '../repository-fixture.ts';
import type { Change, Model, Place, Promised } from './promises.ts';

/** What docs/repository-format.md promises, said once more: the code's own figures would follow a mistake. */
const graceMs = 7 * dayMs;
const sweptAfterMs = graceMs + graceMs / 24;

/** The real thing: one repository, whose store's clock the test moves, and two machines that use it. */
export interface World {
  readonly store: MemoryStore;
  readonly repository: Repository;
}

export async function createWorld(): Promise<World> {
  const store = createMemoryStore();
  return { store, repository: await newRepository(store) };
}

export function pass({ store }: World, ms: number): void {
  store.clock = new Date(store.clock.getTime() + ms);
}

/** Whether a forgotten backup can still be recalled. */
export function isRecallable({ store }: World, { place, forgottenAt }: Promised): boolean {
  return place === 'trash' && store.clock.getTime() - forgottenAt <= graceMs;
}

export function isExpired({ store }: World, { place, forgottenAt, held }: Promised): boolean {
  return place === 'trash' && !held && store.clock.getTime() - forgottenAt >= sweptAfterMs;
}

/**
 * Compares the repository with the model, and brings the model up to date where several outcomes are right. Every listed
 * backup must be sound.
 */
export async function checkPlaces(world: World, model: Model, changes: readonly Change[]): Promise<void> {
  const { repository } = world;
  const live = new Map((await listBackups(repository, { signal })).map((entry) => [nameOf(entry), entry]));
  const trash = new Map((await listTrash(repository, { signal })).map((entry) => [nameOf(entry), entry]));
  const holds = await readHolds(repository, { signal });
  assert.deepEqual([...live.keys(), ...trash.keys()].filter((name) => !model.backups.has(name)), []);
  for (const [name, backup] of model.backups) {
    const place = live.has(name) ? 'live' : trash.has(name) ? 'trash' : 'gone';
    const own = changes.filter((change) => change.backup === backup);
    const places = new Set<Place>([backup.place, ...own.flatMap((change) => change.places ?? [])]);
    assert.ok(places.has(place), `${name} is ${place}, and should be ${[...places].join(' or ')}`);
    const held = place === 'gone' ? false : holds.has(name);
    if (place !== 'gone' && !own.some((change) => change.held)) assert.deepEqual({ name, held }, { name, held: backup.held });
    const entry = live.get(name) ?? trash.get(name);
    Object.assign(backup, { place, held, forgottenAt: place === 'trash' ? (entry?.modifiedAt.getTime() ?? 0) : 0 } satisfies Partial<Promised>);
    if (place === 'live') assert.equal(entry?.state, 'ok', name);
  }
}

/** The same, and every listed backup gives its texts back byte for byte, every recallable one too. */
export async function checkContents(world: World, model: Model, changes: readonly Change[]): Promise<void> {
  const { repository } = world;
  await checkPlaces(world, model, changes);
  for (const entry of [...(await listBackups(repository, { signal })), ...(await listTrash(repository, { signal }))]) {
    const backup = model.backups.get(nameOf(entry));
    if (!backup || (backup.place === 'trash' && !isRecallable(world, backup))) continue;
    assert.deepEqual(await readBack(repository, headOf(entry)), backup.texts);
  }
}

function headOf(entry: StoredHead): ManifestHead {
  return requireSound({ ...entry, held: false }).head;
}

/** After a prune: nothing is left that no live or forgotten backup needs, but what is younger than the grace. */
export async function expectSwept({ store, repository }: World, model: Model): Promise<void> {
  const known = new Set([...model.backups].filter(([, { place }]) => place !== 'gone').map(([name]) => name));
  const needed = new Set<string>();
  for (const entry of [...(await listBackups(repository, { signal })), ...(await listTrash(repository, { signal }))]) {
    await visitReferences(store, headOf(entry), signal, (part, encoding) => needed.add(`parts/${part.slice(0, 2)}/${part}.${encoding}`));
  }
  const isOld = (modifiedAt: Date) => store.clock.getTime() - modifiedAt.getTime() >= sweptAfterMs;
  const left = [...store.objects].filter(([key, { modifiedAt }]) => {
    if (key === 'repository.json' || !isOld(modifiedAt)) return false;
    const name = parseBackupKey(key);
    return name ? !known.has(nameOf(name)) : !needed.has(key);
  });
  assert.deepEqual(left.map(([key]) => key), []);
}
