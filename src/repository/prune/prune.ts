import type { Logger } from '../../operations/logging.ts';
import { forEachConcurrently } from '../concurrency.ts';
import { defaultGraceMs, longestDeletionMs } from './grace.ts';
import { type BackupObject, readHeads, type StoredHead } from '../manifest/heads.ts';
import { headKey, nameOf, trashKey } from '../manifest/object-keys.ts';
import { partKey } from '../encoding/part-encoding.ts';
import { readDamageMarks } from '../parts/damage-marks.ts';
import { PartIndex, type PartMark } from '../parts/part-index.ts';
import { pruneErrors } from './prune-errors.ts';
import { isDamage, visitReferences } from '../manifest/references.ts';
import type { Repository } from '../repository.ts';
import { isSameSecond } from '../stores/object-times.ts';
import { type Store, storeErrors, type StoredObject } from '../stores/store.ts';
import { visitStoredParts } from '../parts/stored-parts.ts';
import { isSwept, surveyBackups } from './sweep-plan.ts';

/** Few at once: decoded references take 75 bytes a part. */
const referencesAtOnce = 3;
const deletionsAtOnce = 16;
/** Fewer parts of no backup may go at once, as long as there is a backup. */
const massSweepMinimum = 100;

const live: PartMark = 1;
const expired: PartMark = 2;

export interface PruneOptions {
  /** Find out what would be deleted, delete nothing. */
  readonly dryRun?: boolean;
  /** Ids of damaged backups that are lost anyway: they are deleted, and what only they list. */
  readonly giveUp?: readonly string[];
  /** Most of the parts may go although no backup ever listed them: see MASS_SWEEP_REFUSED. */
  readonly confirmed?: boolean;
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
  /** Bodies, references, holds and reports of drills, of these backups and of runs that did not end; marks on damaged parts that were stored anew. */
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
 * parts that nobody knows of, before anything is deleted; MASS_SWEEP_REFUSED likewise, where backups themselves seem to be missing.
 */
export async function pruneRepository(repository: Repository, options: PruneOptions): Promise<Pruned> {
  const { dryRun = false, giveUp = [], confirmed = false, graceMs = defaultGraceMs, log, signal } = options;
  const { store } = repository;
  // Before the listings: whoever may still rely on an unlisted part older than the grace then has committed by now.
  const now = await store.now({ signal });
  const survey = await surveyBackups(repository, { now, graceMs, signal });
  const { index, damaged } = await indexNeededParts(store, survey.needed, signal);
  const lost = chooseLost(damaged, giveUp);
  const lostNames = new Set(lost.map(nameOf));

  const neededNames = new Set(survey.needed.map(nameOf).filter((name) => !lostNames.has(name)));
  const expiredNames = new Set(survey.expired.map(nameOf));
  const files: StoredObject[] = [...survey.files.values(), survey.strayHolds, survey.drills].flat().filter((file) => {
    const name = nameOf(file);
    return !neededNames.has(name) && (lostNames.has(name) || expiredNames.has(name) || isSwept(file, now, graceMs));
  });
  files.push(...(await findSettledMarks(repository, { now, graceMs, signal })));
  await indexExpiredParts(repository, index, survey.expired, signal);
  const { parts, kept, unexplained } = await findUnlistedParts(store, index, { now, graceMs, signal });
  const heads = [...survey.expired.map(({ key }) => key), ...lost.flatMap((name) => [headKey(name), trashKey(name)])];
  const pruned = {
    backups: survey.expired.length + lost.length,
    files: files.length,
    parts: parts.length,
    bytes: [...files, ...parts].reduce((sum, { size }) => sum + size, 0),
    partsKept: kept,
  };
  log.info({ ...pruned, unexplained, dryRun }, 'prune planned');
  if (!dryRun && !confirmed) refuseMassSweep(store, { unexplained, total: parts.length + kept, heads: survey.needed.length + survey.expired.length });
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
      await visitReferences(store, name.head, signal, (part, encoding, stored) => index.add(part, encoding, stored, live));
    } catch (error) {
      if (!isDamage(error)) throw error;
      damaged.push({ name, reason: error.message });
    }
  });
  return { index, damaged };
}

/** Notes the parts of forgotten backups whose grace has passed: that these go is what somebody asked for. */
async function indexExpiredParts(repository: Repository, index: PartIndex, forgotten: readonly BackupObject[], signal: AbortSignal): Promise<void> {
  const heads = await readHeads(repository, forgotten, { signal });
  await forEachConcurrently(heads, { limit: referencesAtOnce, signal }, async (name) => {
    if (name.state === 'damaged') return;
    try {
      await visitReferences(repository.store, name.head, signal, (part, encoding, stored) => index.add(part, encoding, stored, expired));
    } catch (error) {
      // It goes anyway; its parts then count as those of nobody.
      if (!isDamage(error)) throw error;
    }
  });
}

/**
 * Parts of no backup are what runs left that did not end: few. Where they are most of a repository, heads are more likely to be
 * lost than that many runs: a listing that is empty, a folder that was cleaned by hand, a rule that expires small objects. Where
 * there is no head at all, one part is too many.
 */
function refuseMassSweep(store: Store, { unexplained, total, heads }: { readonly unexplained: number; readonly total: number; readonly heads: number }): void {
  const most = heads === 0 ? unexplained > 0 : unexplained >= massSweepMinimum && unexplained > total / 2;
  if (most) throw pruneErrors.MASS_SWEEP_REFUSED({ unexplained, total, store: store.url });
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

/** Marks on damaged parts that say nothing any more: the part was stored anew, or is gone; or nobody can trust the mark. */
async function findSettledMarks(repository: Repository, { now, graceMs, signal }: { now: Date; graceMs: number; signal: AbortSignal }): Promise<StoredObject[]> {
  const marks = await readDamageMarks(repository, { signal });
  const settled: StoredObject[] = [];
  for (const { object, mark } of marks.stored) {
    const part = mark && (await repository.store.stat(partKey(mark.part, mark.encoding), { signal }));
    const isSettled = mark ? !isSameSecond(new Date(mark.modifiedAt), part?.modifiedAt) : isSwept(object, now, graceMs);
    if (isSettled) settled.push(object);
  }
  return settled;
}

async function findUnlistedParts(store: Store, index: PartIndex, { now, graceMs, signal }: { now: Date; graceMs: number; signal: AbortSignal }) {
  const parts: StoredObject[] = [];
  let kept = 0;
  let unexplained = 0;
  await visitStoredParts(store, { expected: index.size, signal }, (part) => {
    if (index.has(part.name, part.encoding, live) || !isSwept(part, now, graceMs)) {
      kept += 1;
      return;
    }
    parts.push({ key: part.key, size: part.size, modifiedAt: part.modifiedAt });
    if (!index.has(part.name, part.encoding, expired)) unexplained += 1;
  });
  return { parts, kept, unexplained };
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
