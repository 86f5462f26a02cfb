import { createHash } from 'node:crypto';
import { encodingErrors } from '../encoding/encoding-errors.ts';
import { mapConcurrently } from '../concurrency.ts';
import { getIfPresent, readsAtOnce } from '../manifest/heads.ts';
import type { ManifestHead } from '../manifest/manifest.ts';
import { type DrillName, drillKey, drillPageKey, folders, parseDrillKey } from '../manifest/object-keys.ts';
import { type DocumentProblem, parseObject, readSealedAt } from '../manifest/sealed-document.ts';
import { requireReading, type Repository } from '../repository.ts';
import type { StoredObject } from '../stores/store.ts';
import { DrillDetails, DrillDocument, type DrillReport } from './drill-document.ts';
import { decryptReport } from './drill-encryption.ts';

/** Far above any report: what is larger is none, and reading it could take all memory. */
const largestReport = 4 * 1024 * 1024;

/** A file of drills/ whose key is one of ours. */
export type DrillObject = DrillName & StoredObject & { readonly file: NonNullable<ReturnType<typeof parseDrillKey>>['file'] };

/** A report as it lies in drills/. `reason`: why it is not to be trusted, English. */
export type StoredDrill = DrillName & ({ readonly state: 'ok'; readonly document: DrillDocument } | { readonly state: 'damaged'; readonly problem: DocumentProblem; readonly reason: string });

/** Every file of drills/, of one source or one backup where given; other objects are passed over. */
export async function listDrillObjects(
  { store }: Repository,
  { source, id, signal }: { readonly source?: string | undefined; readonly id?: string; readonly signal: AbortSignal },
): Promise<DrillObject[]> {
  const prefix = [source, source === undefined ? undefined : id].flatMap((part) => (part === undefined ? [] : [`${part}/`])).join('');
  const objects: DrillObject[] = [];
  for await (const object of store.list(`${folders.drills}${prefix}`, { signal })) {
    const name = parseDrillKey(object.key);
    if (name) objects.push({ ...name, ...object });
  }
  return objects;
}

/** The drills of one backup, the last first. One that vanished since it was listed is left out. */
export async function readDrills(repository: Repository, head: ManifestHead, { signal }: { readonly signal: AbortSignal }): Promise<StoredDrill[]> {
  const objects = newestFirst(await listDrillObjects(repository, { ...head, signal }));
  const drills = await mapConcurrently(objects, { limit: readsAtOnce, signal }, async (object) => readDrill(repository, head, object, signal));
  return drills.filter((drill) => drill !== undefined);
}

/** The last good report of a backup that `accepts` takes, the last recorded first; no more are read than that takes. */
export async function findLastDrill(
  repository: Repository,
  head: Pick<ManifestHead, 'seal'>,
  { objects, accepts, signal }: { readonly objects: readonly DrillObject[]; readonly accepts: (document: DrillDocument) => boolean; readonly signal: AbortSignal },
): Promise<DrillDocument | undefined> {
  for (const object of newestFirst(objects)) {
    const drill = await readDrill(repository, head, object, signal);
    if (drill?.state === 'ok' && accepts(drill.document)) return drill.document;
  }
  return undefined;
}

/** The reports among a backup's drill files, the last recorded first. */
function newestFirst(objects: readonly DrillObject[]): DrillObject[] {
  return objects.filter(({ file }) => file === 'json').toSorted((one, other) => (one.drill < other.drill ? 1 : -1));
}

/** One report, checked. Undefined where there is none any more. */
async function readDrill(repository: Repository, head: Pick<ManifestHead, 'seal'>, { source, id, drill, size }: DrillObject, signal: AbortSignal): Promise<StoredDrill | undefined> {
  const name = { source, id, drill };
  if (size > largestReport) return { ...name, state: 'damaged', problem: 'damaged', reason: `it has ${size} bytes: no report is that large` };
  const content = await getIfPresent(repository, drillKey(name), signal);
  return content && { ...name, ...checkReport(repository, head, name, content) };
}

/** The report with its details. Throws REPOSITORY_IDENTITY_REQUIRED, DECRYPTION_REFUSED, OBJECT_CORRUPT. */
export function openDrillReport(repository: Repository, document: DrillDocument): DrillReport {
  const { details: stored, page: _page, seal: _seal, ...facts } = document;
  if (typeof stored !== 'string') return { ...facts, details: stored };
  requireReading(repository);
  const object = drillKey(document);
  const opened = repository.encryption.kind === 'age' ? decryptReport(Buffer.from(stored, 'base64'), repository.encryption, object) : Buffer.alloc(0);
  const details = DrillDetails.safeParse(parseObject(opened));
  if (!details.success) throw encodingErrors.OBJECT_CORRUPT({ object, reason: 'its details are not understood' }, { cause: details.error });
  return { ...facts, details: details.data };
}

/**
 * The page that was stored with a report, as the report vouches for it. Throws OBJECT_CORRUPT where it is another,
 * STORE_OBJECT_MISSING, REPOSITORY_IDENTITY_REQUIRED, DECRYPTION_REFUSED.
 */
export async function readDrillPage(repository: Repository, document: DrillDocument, { signal }: { readonly signal: AbortSignal }): Promise<Buffer> {
  const { ending, size, sha256 } = document.page;
  const object = drillPageKey(document, ending);
  const stored = await repository.store.get(object, { signal });
  if (stored.length !== size || createHash('sha256').update(stored).digest('hex') !== sha256) {
    throw encodingErrors.OBJECT_CORRUPT({ object, reason: 'its size or checksum is not the one that the report states' });
  }
  if (repository.encryption.kind === 'none') return stored;
  requireReading(repository);
  return decryptReport(stored, repository.encryption, object);
}

/** A report is only good for the backup that it was made of: under another one, or for a head in its place, it is a replay. */
function checkReport(
  repository: Repository,
  head: Pick<ManifestHead, 'seal'>,
  { source, id, drill }: DrillName,
  content: Buffer,
): { readonly state: 'ok'; readonly document: DrillDocument } | { readonly state: 'damaged'; readonly problem: DocumentProblem; readonly reason: string } {
  const read = readSealedAt(content, DrillDocument, { repository, name: { source, id }, what: 'drill report' });
  if ('damage' in read) return { state: 'damaged', problem: read.problem, reason: read.damage };
  const { document } = read;
  if (document.drill !== drill) return { state: 'damaged', problem: 'misplaced', reason: `it is the report ${document.drill} of this backup` };
  if (document.backupSeal !== head.seal) return { state: 'damaged', problem: 'misplaced', reason: 'it speaks of another backup that had this id' };
  return { state: 'ok', document };
}
