import { z } from 'zod';
import { mapConcurrently } from '../concurrency.ts';
import { getIfPresent, readsAtOnce } from '../manifest/heads.ts';
import { partEncodings } from '../manifest/manifest.ts';
import { damageMarkKey, damageMarksFolder } from '../manifest/object-keys.ts';
import { readSealed, writeSealed } from '../manifest/sealed-document.ts';
import type { Repository } from '../repository.ts';
import { isSameSecond } from '../stores/object-times.ts';
import type { StoredObject } from '../stores/store.ts';
import type { PartObject } from './stored-parts.ts';

const markFormat = 1;

/**
 * Says that a part's object was read and is damaged. The object stays where it is; runs store its content anew in its place
 * when they meet it again (docs/adr/0006). The mark counts for the object as it was found: once another has
 * taken its place, it says nothing.
 */
export const DamageMark = z.strictObject({
  format: z.literal(markFormat),
  repository: z.string(),
  part: z.string().regex(/^[0-9a-f]{64}$/),
  encoding: z.enum(partEncodings),
  /** Of the damaged object, by the store's clock. */
  modifiedAt: z.iso.datetime(),
  /** English. */
  reason: z.string(),
  foundAt: z.iso.datetime(),
  seal: z.string(),
});
export type DamageMark = z.infer<typeof DamageMark>;

type MarkedPart = Pick<PartObject, 'name' | 'encoding' | 'modifiedAt'>;

/** The marks of a repository. Those that cannot be trusted count for nothing: the next verification makes them anew. */
export interface DamageMarks {
  /** The mark on this object, undefined where it was replaced since. */
  find(part: MarkedPart): DamageMark | undefined;
  readonly stored: readonly StoredMark[];
}

interface StoredMark {
  readonly object: StoredObject;
  /** Undefined where its document is damaged or not of this place. */
  readonly mark: DamageMark | undefined;
}

/** Marks a part's object; marking it again replaces the mark. */
export async function markDamaged(
  repository: Repository,
  { name, encoding, modifiedAt }: MarkedPart,
  { reason, now, signal }: { readonly reason: string; readonly now: Date; readonly signal: AbortSignal },
): Promise<void> {
  const mark = { format: markFormat, repository: repository.id, part: name, encoding, modifiedAt: modifiedAt.toISOString(), reason, foundAt: now.toISOString() };
  await repository.store.put(damageMarkKey(name, encoding), writeSealed(mark, repository.encryption), { signal });
  await repository.store.flush({ signal });
}

/** Takes the mark of an object away that was read and is sound; none is no error. */
export async function withdrawMark(
  { store }: Repository,
  { name, encoding }: Pick<MarkedPart, 'name' | 'encoding'>,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  await store.delete(damageMarkKey(name, encoding), { signal });
  await store.flush({ signal });
}

export async function readDamageMarks(repository: Repository, { signal }: { readonly signal: AbortSignal }): Promise<DamageMarks> {
  const objects = await Array.fromAsync(repository.store.list(damageMarksFolder, { signal }));
  const stored = await mapConcurrently(objects, { limit: readsAtOnce, signal }, async (object) => ({ object, mark: await readMark(repository, object.key, signal) }));
  const byKey = new Map(stored.flatMap(({ object, mark }) => (mark ? [[object.key, mark] as const] : [])));
  return {
    stored,
    find: ({ name, encoding, modifiedAt }) => {
      const mark = byKey.get(damageMarkKey(name, encoding));
      return mark && isSameSecond(new Date(mark.modifiedAt), modifiedAt) ? mark : undefined;
    },
  };
}

async function readMark(repository: Repository, key: string, signal: AbortSignal): Promise<DamageMark | undefined> {
  const content = await getIfPresent(repository, key, signal);
  const read = content && readSealed(content, DamageMark, repository.encryption);
  if (!read || 'damage' in read) return undefined;
  const { document } = read;
  return document.repository === repository.id && damageMarkKey(document.part, document.encoding) === key ? document : undefined;
}
