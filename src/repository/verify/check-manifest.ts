import { codeOf, HoldfastError } from '../../operations/errors.ts';
import { readManifestBody, readStoredBody } from '../manifest/manifest-body.ts';
import type { ManifestBody, ManifestHead, PartEncodingName } from '../manifest/manifest.ts';
import { bodyKey, nameOf, referencesKey } from '../manifest/object-keys.ts';
import { isDamage, visitReferences } from '../manifest/references.ts';
import { PartIndex, type PartMark } from '../parts/part-index.ts';
import type { Repository } from '../repository.ts';
import type { Finding, Findings } from './finding.ts';

export type VisitPart = (name: string, encoding: PartEncodingName, stored: number) => void;

export interface ManifestCheck {
  readonly repository: Repository;
  /** Whether bodies can be decrypted; if not, only their size and checksum are checked. */
  readonly canRead: boolean;
  readonly findings: Findings;
  readonly signal: AbortSignal;
}

const referenced: PartMark = 1;

/**
 * Checks the body and the references of one backup: that they are those that the head promises, and that they list the
 * same parts. Calls `visit` for each part that the backup needs, as far as that can be known; for some more than once.
 */
export async function checkManifest(check: ManifestCheck, head: ManifestHead, visit: VisitPart): Promise<void> {
  const { repository, findings, signal } = check;
  const body = await checkBody(check, head);
  const ofBody = body && indexParts(body);
  if (body) visitSlices(body, visit);
  let listed = 0;
  let differing = 0;
  try {
    await visitReferences(repository.store, head, signal, (name, encoding, stored) => {
      listed += 1;
      ofBody?.mark(name, encoding, stored, { same: referenced });
      if (ofBody && !ofBody.has(name, encoding, referenced)) differing += 1;
      if (!ofBody) visit(name, encoding, stored);
    });
  } catch (error) {
    findings.add({ object: referencesKey(head), kind: 'references', backups: [nameOf(head)], ...describeDamage(error) });
    return;
  }
  const missing = ofBody ? ofBody.size + differing - listed : 0;
  if (differing === 0 && missing === 0) return;
  const reason = `${differing} of its lines and ${missing} parts of the body have no counterpart`;
  findings.add({ object: referencesKey(head), kind: 'references', problem: 'inconsistent', reason, backups: [nameOf(head)] });
}

/** The body, where it can be read and is right. */
async function checkBody({ repository, canRead, findings, signal }: ManifestCheck, head: ManifestHead): Promise<ManifestBody | undefined> {
  try {
    if (canRead) return await readManifestBody(repository, head, { signal });
    await readStoredBody(repository, head, { signal });
  } catch (error) {
    findings.add({ object: bodyKey(head), kind: 'body', backups: [nameOf(head)], ...describeDamage(error) });
  }
  return undefined;
}

/** The parts of a backup, by its references, else by its body. Whether they could be learnt. */
export async function visitPartsOf({ repository, canRead, signal }: Omit<ManifestCheck, 'findings'>, head: ManifestHead, visit: VisitPart): Promise<boolean> {
  const references = await unlessDamaged(visitReferences(repository.store, head, signal, visit).then(() => true));
  if (references || !canRead) return references ?? false;
  const body = await unlessDamaged(readManifestBody(repository, head, { signal }));
  if (body) visitSlices(body, visit);
  return body !== undefined;
}

/** What reading gave, undefined where the object is damaged or gone. Other failures are thrown. */
export async function unlessDamaged<Result>(reading: Promise<Result>): Promise<Result | undefined> {
  try {
    return await reading;
  } catch (error) {
    describeDamage(error);
    return undefined;
  }
}

/** An object's damage as a finding says it. What is no damage is thrown again. A sector that a disk cannot read is damage of one object. */
export function describeDamage(error: unknown): Pick<Finding, 'problem' | 'reason'> {
  if (error instanceof HoldfastError && codeOf(error.cause) === 'EIO') return { problem: 'damaged', reason: 'the disk cannot read it (EIO)' };
  if (!isDamage(error)) throw error;
  if (error.code === 'STORE_OBJECT_MISSING' || error.code === 'PART_MISSING') return { problem: 'missing' };
  const { reason } = error.values;
  return { problem: 'damaged', reason: typeof reason === 'string' ? reason : error.message };
}

function visitSlices({ streams }: ManifestBody, visit: VisitPart): void {
  for (const { slices } of streams) for (const { part, encoding, stored } of slices) visit(part, encoding, stored);
}

function indexParts(body: ManifestBody): PartIndex {
  const index = new PartIndex(() => true);
  visitSlices(body, (name, encoding, stored) => index.add(name, encoding, stored));
  return index;
}
