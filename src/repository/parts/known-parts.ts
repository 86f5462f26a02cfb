import type { Logger } from '../../operations/logging.ts';
import { forEachConcurrently } from '../concurrency.ts';
import { longestRunMs } from '../prune/grace.ts';
import { listBackupObjects, readHeads } from '../manifest/heads.ts';
import { partEncodings } from '../manifest/manifest.ts';
import { nameOf } from '../manifest/object-keys.ts';
import { readDamageMarks } from './damage-marks.ts';
import { PartIndex, type PartMark } from './part-index.ts';
import type { StoredPart } from './part-writer.ts';
import { isDamage, visitReferences } from '../manifest/references.ts';
import type { Repository } from '../repository.ts';
import { visitStoredParts } from './stored-parts.ts';

const listed: PartMark = 1;
const old: PartMark = 2;
const damaged: PartMark = 4;

/** What lies in the store, as a run sees it. */
export interface KnownParts {
  /** A part that need not be stored again. */
  get(name: string): StoredPart | undefined;
  /** Whether such a part is there, but old and listed by no backup: prune may be about to delete it. */
  mayBeSwept(name: string): boolean;
}

/** Few at once: decoded references take 75 bytes a part. */
const referencesAtOnce = 3;

/**
 * The parts that a run need not store again: those that lie in the store with the right size and that a live backup lists.
 * Whoever forgets that backup now leaves them there for the grace. What no backup lists was left by a run that did not
 * end, and nobody has confirmed that it is what that run wrote: it is stored again (docs/adr/0003), as is what is marked
 * as damaged. Damaged backups give no parts; that is logged, and no reason to fail.
 */
export async function findKnownParts(
  { repository, log, signal }: { readonly repository: Repository; readonly log: Logger; readonly signal: AbortSignal },
  { graceMs, now }: { readonly graceMs: number; readonly now: Date },
): Promise<KnownParts> {
  const heads = await readHeads(repository, await listBackupObjects(repository, 'backups', { signal }), { signal });
  const sound = heads.filter((head) => head.state === 'ok');
  for (const head of heads) {
    if (head.state === 'damaged') log.warn({ backup: nameOf(head), reason: head.reason }, 'damaged backup: its parts are not reused');
  }
  const index = new PartIndex((marks) => (marks & (listed | damaged)) === listed);
  const oldest = now.getTime() - longestRunMs(graceMs);
  const damageMarks = await readDamageMarks(repository, { signal });
  const expected = Math.max(0, ...sound.map(({ head }) => head.sizes.parts));
  await visitStoredParts(repository.store, { expected, signal }, (part) => {
    const { name, encoding, size, modifiedAt } = part;
    index.add(name, encoding, size, modifiedAt.getTime() > oldest ? undefined : old);
    if (damageMarks.find(part)) index.add(name, encoding, size, damaged);
  });
  await forEachConcurrently(index.size === 0 ? [] : sound, { limit: referencesAtOnce, signal }, async ({ head }) => {
    try {
      await visitReferences(repository.store, head, signal, (name, encoding, stored) => index.mark(name, encoding, stored, { same: listed }));
    } catch (error) {
      if (!isDamage(error)) throw error;
      log.warn({ backup: nameOf(head), err: error }, 'damaged references: the parts of this backup are not reused');
    }
  });
  const mayBeSwept = (name: string) => index.get(name) === undefined && partEncodings.some((encoding) => index.has(name, encoding, old) && !index.has(name, encoding, listed));
  return { get: (name) => index.get(name), mayBeSwept };
}
