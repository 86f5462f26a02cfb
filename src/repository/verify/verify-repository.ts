import type { Logger } from '../../operations/logging.ts';
import { forEachConcurrently } from '../concurrency.ts';
import { partKey } from '../encoding/part-encoding.ts';
import { compareByTime, refuseReplacedRepository } from '../manifest/heads.ts';
import { readManifestBody } from '../manifest/manifest-body.ts';
import type { ManifestHead, PartSlice } from '../manifest/manifest.ts';
import { nameOf } from '../manifest/object-keys.ts';
import { type DamageMark, markDamaged, readDamageMarks, withdrawMark } from '../parts/damage-marks.ts';
import { visitStoredParts } from '../parts/stored-parts.ts';
import { requireReading, type Repository } from '../repository.ts';
import { checkHeads, checkAcceptances, checkHolds, readAllHeads, type Scope } from './check-heads.ts';
import { checkDrills } from './check-drills.ts';
import { checkManifest, type ManifestCheck, unlessDamaged, visitPartsOf } from './check-manifest.ts';
import { type Finding, Findings } from './finding.ts';
import { nameTouchedBackups } from './touched-backups.ts';
import { isInShare, type PartShare } from './part-share.ts';
import { PartLedger } from './part-ledger.ts';
import { type PartDamage, readParts } from './read-parts.ts';

/** A body is decoded whole. */
const manifestsAtOnce = 2;

export interface VerifyOptions extends Scope {
  /** Read this share of the parts; without it none is read. Needs an identity where the repository is encrypted. */
  readonly share?: PartShare | undefined;
  /** Mark damaged parts, so that the next backup that meets their content stores them anew. */
  readonly repair?: boolean;
  readonly log: Logger;
  readonly now: () => Date;
  /** Before reading, with the bytes to read, and after each part. */
  readonly onReading?: (bytes: number) => void;
  readonly onRead?: (bytes: number) => void;
}

export interface Verification {
  /** Live and forgotten backups that were looked at. */
  readonly backups: number;
  /** Distinct parts that they list, and the bytes of these in the store. */
  readonly parts: number;
  readonly bytes: number;
  readonly partsRead: number;
  readonly bytesRead: number;
  /** Whether bodies were decrypted and compared with the references, or only their checksums checked. */
  readonly bodiesRead: boolean;
  /** The first thousand. */
  readonly findings: readonly Finding[];
  readonly found: number;
  /** `source/id` of what has a body or references but no head: a run that did not end, or a head that somebody deleted. */
  readonly headless: readonly string[];
}

/**
 * Looks for everything in a repository that is not as it was stored: heads and holds by their seals and places, bodies and
 * references by the heads, parts by the store's listing; those of the share by reading them. Changes nothing, unless told to
 * repair. Beside backups, forgets and prunes it finds no fault in what they do. Throws REPOSITORY_IDENTITY_REQUIRED before
 * anything else, REPOSITORY_REPLACED, DECRYPTION_REFUSED where the identity is not the repository's, and the store's errors.
 */
export async function verifyRepository(repository: Repository, options: VerifyOptions): Promise<Verification> {
  const { share, signal } = options;
  if (share) requireReading(repository);
  const canRead = repository.encryption.kind === 'none' || repository.encryption.keys.identities.length > 0;
  await refuseReplacedRepository(repository, { signal });
  const findings = new Findings();
  const heads = await readAllHeads(repository, options);
  checkHeads(heads, findings);
  await checkHolds(repository, findings, options);
  await checkAcceptances(repository, findings, options);
  const sound = heads.heads.filter((head) => head.state === 'ok').toSorted(compareByTime).toReversed().map(({ head }) => head);

  // Listed after the heads: what they list was there before them.
  const ledger = new PartLedger();
  const marked = await addStoredParts(repository, ledger, { expected: Math.max(0, ...sound.map(({ sizes }) => sizes.parts)), signal });
  const totals = { parts: 0, bytes: 0, bytesToRead: 0, partsRead: 0, bytesRead: 0 };
  const check = { repository, canRead, findings, signal };
  await forEachConcurrently(sound, { limit: manifestsAtOnce, signal }, async (head) =>
    checkManifest(check, head, (name, encoding, stored) => {
      const { isNew, isThere } = ledger.addListed(name, encoding, stored);
      if (!isNew) return;
      totals.parts += 1;
      totals.bytes += stored;
      if (share && isThere && isInShare(name, share)) totals.bytesToRead += stored;
      const key = partKey(name, encoding);
      if (!isThere) findings.add({ object: key, kind: 'part', problem: 'missing', backups: [] });
      const mark = marked.get(key);
      // One that is read below may have been put back with its old time: its bytes say more than the mark.
      if (!mark || !isThere || (share && isInShare(name, share))) return;
      findings.add({ object: key, kind: 'part', problem: 'damaged', reason: mark.reason, marked: true, backups: [] });
      ledger.settle(name, encoding);
    }),
  );

  await checkDrills(check, sound, options);
  if (canRead && (share || ledger.hasContradictions)) {
    options.onReading?.(totals.bytesToRead);
    await readParts(repository, unreadParts(check, sound, { ledger, share }), {
      signal,
      onPart: async (slice, damage) => {
        totals.partsRead += 1;
        totals.bytesRead += slice.stored;
        options.onRead?.(slice.stored);
        const mark = marked.get(partKey(slice.part, slice.encoding));
        if (damage) findings.add({ ...(await describePart(repository, slice, damage, options)), ...(mark && { marked: true }) });
        else if (mark && options.repair) await withdrawMark(repository, { name: slice.part, encoding: slice.encoding }, { signal });
      },
    });
  }
  if (ledger.hasContradictions) await findDoubtful(check, sound, ledger);
  return {
    ...totals,
    backups: heads.heads.length,
    bodiesRead: canRead,
    ...(await nameTouchedBackups({ repository, canRead, signal }, findings)),
    headless: [...new Set(heads.headless.map(nameOf))],
  };
}

/** The marks on parts that are still what was marked, by key. */
async function addStoredParts(
  repository: Repository,
  ledger: PartLedger,
  { expected, signal }: { readonly expected: number; readonly signal: AbortSignal },
): Promise<Map<string, DamageMark>> {
  const marks = await readDamageMarks(repository, { signal });
  const marked = new Map<string, DamageMark>();
  await visitStoredParts(repository.store, { expected, signal }, (part) => {
    ledger.addStored(part.name, part.encoding, part.size);
    const mark = marks.find(part);
    if (mark) marked.set(part.key, mark);
  });
  return marked;
}

/** Each part of the share once, and each whose size leaves a doubt; those of the newest backups first. */
async function* unreadParts(
  { repository, signal }: ManifestCheck,
  heads: readonly ManifestHead[],
  { ledger, share }: { readonly ledger: PartLedger; readonly share: PartShare | undefined },
): AsyncGenerator<PartSlice> {
  for (const head of heads) {
    const body = await unlessDamaged(readManifestBody(repository, head, { signal }));
    for (const { slices } of body?.streams ?? []) {
      for (const { part, encoding, raw, stored } of slices) {
        if (!ledger.isUnread(part, encoding)) continue;
        if (!(share && isInShare(part, share)) && !ledger.isDoubtful(part, encoding)) continue;
        ledger.settle(part, encoding);
        yield { part, encoding, raw, stored };
      }
    }
  }
}

/** What is left in doubt where no body told how to read it. */
async function findDoubtful({ repository, canRead, findings, signal }: ManifestCheck, heads: readonly ManifestHead[], ledger: PartLedger): Promise<void> {
  for (const head of heads) {
    await visitPartsOf({ repository, canRead, signal }, head, (name, encoding, stored) => {
      if (!ledger.isDoubtful(name, encoding)) return;
      ledger.settle(name, encoding);
      findings.add({ object: partKey(name, encoding), kind: 'part', problem: 'wrong-size', reason: `${nameOf(head)} states ${stored} bytes`, backups: [] });
    });
  }
}

/** A damaged part as a finding, marked where that was asked for. */
async function describePart(
  repository: Repository,
  { part, encoding }: PartSlice,
  damage: PartDamage,
  { repair = false, now, log, signal }: VerifyOptions,
): Promise<Finding> {
  const key = partKey(part, encoding);
  log.error({ object: key, ...damage }, 'damaged part');
  const finding: Finding = { object: key, kind: 'part', backups: [], ...damage };
  const stored = repair && damage.problem === 'damaged' ? await repository.store.stat(key, { signal }) : undefined;
  if (!stored) return finding;
  await markDamaged(repository, { name: part, encoding, modifiedAt: stored.modifiedAt }, { reason: damage.reason ?? damage.problem, now: now(), signal });
  return { ...finding, marked: true };
}
