import { getIfPresent, listBackupObjects, readHeads, readsAtOnce, type BackupObject, type StoredHead } from '../manifest/heads.ts';
import { readAcceptance } from '../anomalies/acceptance.ts';
import { Hold } from '../backups/hold.ts';
import { mapConcurrently } from '../concurrency.ts';
import { type BackupName, headKey, nameOf, trashKey } from '../manifest/object-keys.ts';
import { readSealedAt } from '../manifest/sealed-document.ts';
import type { Repository } from '../repository.ts';
import type { Findings } from './finding.ts';

export interface Scope {
  /** Only this source. */
  readonly source?: string | undefined;
  /** Only this backup. */
  readonly backup?: BackupName | undefined;
  readonly signal: AbortSignal;
}

/** Live heads, and forgotten ones that are not live as well. */
export interface Heads {
  readonly heads: readonly (StoredHead & { readonly key: string })[];
  /** Bodies and references without a head: of a run that did not end, or whose head somebody deleted. */
  readonly headless: readonly BackupObject[];
}

/** Reads the heads in backups/ and trash/. */
export async function readAllHeads(repository: Repository, { source, backup, signal }: Scope): Promise<Heads> {
  const inScope = (object: BackupName) => backup === undefined || nameOf(object) === nameOf(backup);
  const within = { source: backup?.source ?? source, signal };
  const before = (await listBackupObjects(repository, 'backups', within)).filter(inScope);
  const trash = (await listBackupObjects(repository, 'trash', within)).filter(inScope);
  // Once more: one that was recalled between the two listings is in neither.
  const after = (await listBackupObjects(repository, 'backups', within)).filter(inScope);
  const live = [...new Map([...before, ...after].map((object) => [object.key, object])).values()];
  const liveNames = new Set(live.filter(({ file }) => file === 'json').map(nameOf));
  const forgotten = trash.filter((object) => !liveNames.has(nameOf(object)));
  const headNames = new Set([...liveNames, ...forgotten.map(nameOf)]);
  const heads = [
    ...(await readHeads(repository, live, { signal })).map((head) => ({ ...head, key: headKey(head) })),
    ...(await readHeads(repository, forgotten, { signal })).map((head) => ({ ...head, key: trashKey(head) })),
  ];
  return { heads, headless: live.filter((object) => !headNames.has(nameOf(object))) };
}

export function checkHeads({ heads }: Heads, findings: Findings): void {
  for (const head of heads) {
    if (head.state === 'damaged') findings.add({ object: head.key, kind: 'head', problem: head.problem, reason: head.reason, backups: [nameOf(head)] });
  }
}

/** A hold whose document cannot be trusted holds nevertheless, but nobody knows why. */
export async function checkHolds(repository: Repository, findings: Findings, { source, backup, signal }: Scope): Promise<void> {
  const holds = await listBackupObjects(repository, 'holds', { source: backup?.source ?? source, signal });
  const inScope = holds.filter((hold) => backup === undefined || nameOf(hold) === nameOf(backup));
  await mapConcurrently(inScope, { limit: readsAtOnce, signal }, async (hold) => {
    const content = await getIfPresent(repository, hold.key, signal);
    const read = content && readSealedAt(content, Hold, { repository, name: hold, what: 'hold' });
    if (read && 'damage' in read) findings.add({ object: hold.key, kind: 'hold', problem: read.problem, reason: read.damage, backups: [nameOf(hold)] });
  });
}

/** An acceptance that cannot be trusted accepts nothing. */
export async function checkAcceptances(repository: Repository, findings: Findings, { source, backup, signal }: Scope): Promise<void> {
  const acceptances = await listBackupObjects(repository, 'accepted', { source: backup?.source ?? source, signal });
  const inScope = acceptances.filter((acceptance) => backup === undefined || nameOf(acceptance) === nameOf(backup));
  await mapConcurrently(inScope, { limit: readsAtOnce, signal }, async (acceptance) => {
    const read = await readAcceptance(repository, acceptance, signal);
    if (read && 'damage' in read) findings.add({ object: acceptance.key, kind: 'acceptance', problem: read.problem, reason: read.damage, backups: [nameOf(acceptance)] });
  });
}
