import type { ConfiguredKeys } from '../../../src/repository/keys.ts';
import { holdBackup } from '../../../src/repository/backups/hold.ts';
import { forgetBackups } from '../../../src/repository/backups/forget.ts';
import type { ManifestHead } from '../../../src/repository/manifest/manifest.ts';
import { nameOf } from '../../../src/repository/manifest/object-keys.ts';
import { visitReferences } from '../../../src/repository/manifest/references.ts';
import { partKey } from '../../../src/repository/encoding/part-encoding.ts';
import type { Repository } from '../../../src/repository/repository.ts';
import { everyPart } from '../../../src/repository/verify/part-share.ts';
import { type Verification, type VerifyOptions, verifyRepository } from '../../../src/repository/verify/verify-repository.ts';
import { drill } from '../drills/drill-fixture.ts';
import { createMemoryStore, type MemoryStore } from '../memory-store.ts';
import { backUp, log, newRepository, signal } from '../repository-fixture.ts';

export interface Sample {
  readonly store: MemoryStore;
  readonly repository: Repository;
  /** Two live backups of shop, one of books, and a forgotten one of shop. They share parts. */
  readonly heads: readonly ManifestHead[];
}

/** A repository with an object of every kind. */
export async function createSample(keys?: ConfiguredKeys, common = 'common'): Promise<Sample> {
  const store = createMemoryStore();
  const repository = await newRepository(store, keys);
  const forgotten = await backUp(repository, [`${common} bygone`]);
  const first = await backUp(repository, [`${common} early`]);
  const second = await backUp(repository, [`${common} late`, 'more rows']);
  const books = await backUp(repository, [`books ${common}`], { source: 'books' });
  await forgetBackups(repository, [forgotten], { signal });
  await holdBackup(repository, first, { reason: 'audit', now: store.clock, signal });
  await drill(repository, first, 'passed');
  return { store, repository, heads: [forgotten, first, second, books] };
}

export async function verify(repository: Repository, options: Partial<VerifyOptions> = {}): Promise<Verification> {
  return verifyRepository(repository, { share: everyPart, log, now: () => new Date(), signal, ...options });
}

/** `source/id` of every backup that lists a part, by the part's key. */
export async function backupsByPart({ repository, heads }: Sample): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const head of heads) {
    await visitReferences(repository.store, head, signal, (name, encoding) => {
      const key = partKey(name, encoding);
      found.set(key, [...(found.get(key) ?? []), nameOf(head)].toSorted());
    });
  }
  return found;
}
