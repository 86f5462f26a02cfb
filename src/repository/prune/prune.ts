import type { Logger } from '../../operations/logging.ts';
import { forEachConcurrently } from '../concurrency.ts';
import { defaultGraceMs, longestDeletionMs } from './grace.ts';
import type { StoredHead } from '../manifest/heads.ts';
import { headKey, nameOf, trashKey } from '../manifest/object-keys.ts';
import { PartIndex } from '../parts/part-index.ts';
import { pruneErrors } from './prune-errors.ts';
import { isDamage, visitReferences } from '../manifest/references.ts';
import type { Repository } from '../repository.ts';
import { type Store, storeErrors, type StoredObject } from '../stores/store.ts';
import { visitStoredParts } from '../parts/stored-parts.ts';
import { isSwept, surveyBackups } from './sweep-plan.ts';

/** Few at once: decoded references take 75 bytes a part. */
const referencesAtOnce = 3;
const deletionsAtOnce = 16;

export interface PruneOptions {
  /** Find out what would be deleted, delete nothing. */
  readonly dryRun?: boolean;
  /** Ids of damaged backups that are lost anyway: they are deleted, and what only they list. */
  readonly giveUp?: readonly string[];
  /** The repository's grace; the same for all who use it. */
  readonly graceMs?: number;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: { readonly deleted: number; readonly total: number }) => void;
}

/** What was (in a dry run would be) deleted; a part that a run stores again at that moment is counted and stays. */
export interface Pruned {
  /** Forgotten backups past their grace, and given-up ones. */
  readonly backups: number;
  /** Bodies, references and holds, of these backups and of runs that did not end. */
  readonly files: number;
  readonly parts: number;
  /** Of parts and files. */
  readonly bytes: number;
  /** Parts that stay. */
  readonly partsKept: number;
}

/** What is to be deleted; with a time, only if nobody wrote it anew since it was listed. */
interface Doomed {
  readonly key: string;
  readonly modifiedAt?: Date;
}

/**
 * Deletes what no backup needs: forgotten backups past the grace, and older than the grace: files and parts that no live or
 * recallable backup has. All ages are by the store's clock. Safe beside backups, restores, forgets, recalls and other
 * prunes; killed at any moment it leaves nothing that needs repair. Throws PRUNE_BLOCKED where a damaged backup may need
 * parts that nobody knows of, before anything is deleted.
 */
export async function pruneRepository(repository: Repository, options: PruneOptions): Promise<Pruned> {
  const { dryRun = false, giveUp = [], graceMs = defaultGraceMs, log, signal } = options;
  const { store } = repository;
  // Before the listings: whoever may still rely on an unlisted part older than the grace then has committed by now.
  const now = await store.now({ signal });
  const survey = await surveyBackups(repository, { now, graceMs, signal });
  const { index, damaged } = await indexNeededParts(store, survey.needed, signal);
  const lost = chooseLost(damaged, giveUp);
  const lostNames = new Set(lost.map(nameOf));

  const neededNames = new Set(survey.needed.map(nameOf).filter((name) => !lostNames.has(name)));
  const expiredNames = new Set(survey.expired.map(nameOf));
  const files = [...survey.files.values(), survey.strayHolds].flat().filter((file) => {
    const name = nameOf(file);
    return !neededNames.has(name) && (lostNames.has(name) || expiredNames.has(name) || isSwept(file, now, graceMs));
  });
  const { parts, kept } = await findUnlistedParts(store, index, { now, graceMs, signal });
  const heads = [...survey.expired.map(({ key }) => key), ...lost.flatMap((name) => [headKey(name), trashKey(name)])];
  const pruned = {
    backups: survey.expired.length + lost.length,
    files: files.length,
    parts: parts.length,
    bytes: [...files, ...parts].reduce((sum, { size }) => sum + size, 0),
    partsKept: kept,
  };
  log.info({ ...pruned, dryRun }, 'prune planned');
  if (!dryRun) await sweep(store, [heads.map((key) => ({ key })), files, parts], options);
  return pruned;
}

async function indexNeededParts(store: Store, needed: readonly StoredHead[], signal: AbortSignal) {
  const index = new PartIndex(() => true);
  const damaged: { readonly name: StoredHead; readonly reason: string }[] = [];
  await forEachConcurrently(needed, { limit: referencesAtOnce, signal }, async (name) => {
    if (name.state === 'damaged') {
      damaged.push({ name, reason: name.reason });
      return;
    }
    try {
      await visitReferences(store, name.head, signal, (part, encoding, stored) => index.add(part, encoding, stored));
    } catch (error) {
      if (!isDamage(error)) throw error;
      damaged.push({ name, reason: error.message });
    }
  });
  return { index, damaged };
}

/** The damaged backups that were given up. Throws for a damaged one that was not, and for an id of none. */
function chooseLost(damaged: readonly { readonly name: StoredHead; readonly reason: string }[], giveUp: readonly string[]): StoredHead[] {
  const unknown = giveUp.find((id) => !damaged.some(({ name }) => name.id === id));
  if (unknown !== undefined) throw pruneErrors.PRUNE_GIVE_UP_REFUSED({ backup: unknown });
  const blocking = damaged.filter(({ name }) => !giveUp.includes(name.id));
  if (blocking.length > 0) {
    const backups = blocking.map(({ name, reason }) => `${name.id} (${name.source}: ${reason})`).join('; ');
    throw pruneErrors.PRUNE_BLOCKED({ backups });
  }
  return damaged.map(({ name }) => name);
}

async function findUnlistedParts(store: Store, index: PartIndex, { now, graceMs, signal }: { now: Date; graceMs: number; signal: AbortSignal }) {
  const parts: StoredObject[] = [];
  let kept = 0;
  await visitStoredParts(store, { expected: index.size, signal }, (part) => {
    if (!index.has(part.name, part.encoding) && isSwept(part, now, graceMs)) parts.push({ key: part.key, size: part.size, modifiedAt: part.modifiedAt });
    else kept += 1;
  });
  return { parts, kept };
}

/** Heads first, and durably: no head that could be seen again ever lists what is gone. */
async function sweep(store: Store, stages: readonly (readonly Doomed[])[], { signal, onProgress }: PruneOptions): Promise<void> {
  const total = stages.reduce((sum, stage) => sum + stage.length, 0);
  let deleted = 0;
  for (const stage of stages) {
    await forEachConcurrently(stage, { limit: deletionsAtOnce, signal }, async (doomed) => {
      await deleteUnchanged(store, doomed, signal);
      deleted += 1;
      onProgress?.({ deleted, total });
    });
    await store.flush({ signal });
  }
}

/** Within a bounded time: runs that store such a part again rely on that (grace.ts). */
async function deleteUnchanged(store: Store, { key, modifiedAt }: Doomed, signal: AbortSignal): Promise<void> {
  const tooLong = AbortSignal.timeout(longestDeletionMs);
  const bounded = { signal: AbortSignal.any([signal, tooLong]) };
  try {
    if (modifiedAt && !isSameSecond(modifiedAt, (await store.stat(key, bounded))?.modifiedAt)) return;
    await store.delete(key, bounded);
  } catch (error) {
    if (!tooLong.aborted || signal.aborted) throw error;
    const reason = `it took longer than ${longestDeletionMs / 1000} seconds`;
    throw storeErrors.STORE_FAILED({ store: store.url, operation: 'delete', key, reason }, { cause: error });
  }
}

/** S3 tells the time of one object in seconds, and that of listed ones perhaps in milliseconds. */
function isSameSecond(one: Date, other: Date | undefined): boolean {
  return other !== undefined && Math.floor(one.getTime() / 1000) === Math.floor(other.getTime() / 1000);
}
