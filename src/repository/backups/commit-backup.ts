import { createHash } from 'node:crypto';
import type { HoldfastError } from '../../operations/errors.ts';
import type { Logger } from '../../operations/logging.ts';
import { findSuspicions } from '../anomalies/suspicion.ts';
import { backupErrors } from './backup-errors.ts';
import { putOnce } from '../stores/conditional-put.ts';
import { type PartEncoding, partKey } from '../encoding/part-encoding.ts';
import { afterDeletionMs, longestRunMs, toHours } from '../prune/grace.ts';
import type { KnownParts } from '../parts/known-parts.ts';
import { type Compression, type ManifestBody, ManifestHead, manifestFormat, type PartSlice, type Stream } from '../manifest/manifest.ts';
import { serializeBody } from '../manifest/manifest-body.ts';
import { bodyKey, headKey, referencesKey } from '../manifest/object-keys.ts';
import { readDamageMarks } from '../parts/damage-marks.ts';
import { PartIndex, type PartMark } from '../parts/part-index.ts';
import type { StoredPart, WrittenParts } from '../parts/part-writer.ts';
import type { DraftSlice } from '../parts/parts.ts';
import { encodeReferences } from '../manifest/references.ts';
import type { Text } from '../../operations/text.ts';
import type { Repository } from '../repository.ts';
import { parseObject, writeSealed } from '../manifest/sealed-document.ts';
import { visitStoredParts } from '../parts/stored-parts.ts';
import { storeErrors } from '../stores/store.ts';

/** A stream as an engine hands it over: its slices do not say yet how their parts are stored. */
export type DraftStream = Omit<Stream, 'slices'> & { readonly slices: readonly DraftSlice[] };

/** What an engine read: the content of the manifest. */
export interface DraftContent {
  readonly details: unknown;
  readonly streams: readonly DraftStream[];
  readonly stateAt: Date;
  readonly tables: number;
  readonly rows: number;
  readonly warnings: readonly Text[];
}

interface CommitDependencies {
  readonly repository: Repository;
  readonly encoding: PartEncoding;
  readonly log: Logger;
  readonly now: () => Date;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<unknown>;
  readonly signal: AbortSignal;
}

interface CommitRequest extends Pick<ManifestHead, 'source' | 'id' | 'engine' | 'origin' | 'holdfastVersion'> {
  readonly compression: Compression;
  readonly startedAt: Date;
  readonly startedByStore: Date;
  readonly graceMs: number;
  readonly content: DraftContent;
  readonly written: WrittenParts;
  readonly known: KnownParts;
}

const present: PartMark = 1;

/**
 * Makes a run's parts a backup: body, references, a last look that every listed part is there, then the head, which is
 * the commit. The order is the promise: whatever fails or dies before the head leaves no backup.
 */
export async function commitBackup({ repository, encoding, log, now, sleep, signal }: CommitDependencies, request: CommitRequest): Promise<ManifestHead> {
  const { source, id, content, written, known } = request;
  const { store } = repository;
  const listed = collectListed(content.streams, written);
  const body = await encoding.encodeDocument(serializeBody(completeBody(request, listed)));
  await store.put(bodyKey({ source, id }), body, { signal });
  const references = await encodeReferences(listed);
  await store.put(referencesKey({ source, id }), references, { signal });
  await store.flush({ signal });
  const restored = [...listed.keys()].filter((name) => known.mayBeSwept(name)).length;
  if (restored > 0) {
    log.info({ parts: restored, ms: afterDeletionMs }, 'parts were stored again that prune may be deleting: waiting before the last look');
    await sleep(afterDeletionMs, signal);
  }
  await confirmParts(repository, id, listed, signal);
  await confirmFile(repository, bodyKey({ source, id }), body, signal);
  await confirmFile(repository, referencesKey({ source, id }), references, signal);
  const sizes = measure(content, listed, written);
  const suspicions = await findSuspicions(repository, { source, id, engine: request.engine, sizes }, { signal });
  if (suspicions.suspicious) log.warn({ id, source, suspicious: suspicions.suspicious.map(({ en }) => en) }, 'the backup is far from those before it: it is marked as suspicious');
  const head = sealHead(repository, {
    format: manifestFormat,
    repository: repository.id,
    source,
    id,
    engine: request.engine,
    origin: request.origin,
    startedAt: request.startedAt.toISOString(),
    stateAt: content.stateAt.toISOString(),
    finishedAt: now().toISOString(),
    holdfastVersion: request.holdfastVersion,
    compression: request.compression,
    sizes,
    warnings: [...content.warnings],
    ...suspicions,
    body: describeFile(body),
    references: describeFile(references),
  });
  await refuseExpiredRun(repository, request, signal);
  await putOnce(repository, headKey({ source, id }), head.content, { signal });
  return head.document;
}

/** Every part that the streams list, once. Throws BACKUP_CONTENT_INCONSISTENT where a stream does not add up. */
function collectListed(streams: readonly DraftStream[], { parts }: WrittenParts): Map<string, StoredPart> {
  const listed = new Map<string, StoredPart>();
  for (const stream of streams) {
    let bytes = 0;
    let rows = 0;
    for (const slice of stream.slices) {
      const part = parts.get(slice.part);
      if (!part) throw inconsistent(stream, 'it lists a part that was not written');
      listed.set(slice.part, part);
      const { raw, offset = 0, length = raw - offset } = slice;
      if (offset + length > raw) throw inconsistent(stream, 'a slice lies outside its part');
      bytes += length;
      rows += slice.rows ?? 0;
    }
    if (bytes !== stream.bytes) throw inconsistent(stream, `it has ${stream.bytes} bytes, its slices have ${bytes}`);
    const countsRows = stream.slices.some((slice) => slice.rows !== undefined);
    if (countsRows && rows !== stream.rows) throw inconsistent(stream, `it has ${stream.rows} rows, its slices have ${rows}`);
  }
  return listed;
}

function inconsistent({ kind }: DraftStream, reason: string): HoldfastError {
  return backupErrors.BACKUP_CONTENT_INCONSISTENT({ kind, reason });
}

function completeBody({ engine, content }: CommitRequest, listed: ReadonlyMap<string, StoredPart>): ManifestBody {
  const complete = (slice: DraftSlice): PartSlice => ({ ...slice, ...(listed.get(slice.part) as StoredPart) });
  return {
    format: manifestFormat,
    engine,
    details: content.details,
    streams: content.streams.map((stream) => ({ ...stream, slices: stream.slices.map(complete) })),
  };
}

/**
 * Looks at every listed part once more: a store that lost one since it was written, or reused one that was just deleted. A
 * part that is still the one that is marked as damaged is lost too: what was put in its place, with the same size, has not arrived.
 */
async function confirmParts(repository: Repository, id: string, listed: ReadonlyMap<string, StoredPart>, signal: AbortSignal): Promise<void> {
  const { store } = repository;
  const marks = await readDamageMarks(repository, { signal });
  const index = new PartIndex(() => true);
  for (const [name, { encoding, stored }] of listed) index.add(name, encoding, stored);
  await visitStoredParts(store, { expected: listed.size, signal }, (part) => {
    if (!marks.find(part)) index.mark(part.name, part.encoding, part.size, { same: present });
  });
  const lost = [...listed].filter(([name, { encoding }]) => !index.has(name, encoding, present));
  const [first] = lost;
  if (first) throw backupErrors.BACKUP_PARTS_LOST({ count: lost.length, backup: id, store: store.url, part: partKey(first[0], first[1].encoding) });
}

/** A store that has accepted the body and forgotten it would make a backup that nobody can restore. */
async function confirmFile({ store }: Repository, key: string, content: Buffer, signal: AbortSignal): Promise<void> {
  const found = await store.stat(key, { signal });
  if (found?.size === content.length) return;
  throw storeErrors.STORE_LOST_WRITE({ store: store.url, key, reason: found ? `${found.size} bytes instead of ${content.length}` : 'missing' });
}

async function refuseExpiredRun({ store }: Repository, { id, startedByStore, graceMs }: CommitRequest, signal: AbortSignal): Promise<void> {
  const age = (await store.now({ signal })).getTime() - startedByStore.getTime();
  const limit = longestRunMs(graceMs);
  if (age > limit) throw backupErrors.BACKUP_RUN_EXPIRED({ backup: id, hours: toHours(age), limit: toHours(limit) });
}

function measure({ streams, tables, rows }: DraftContent, listed: ReadonlyMap<string, StoredPart>, { totals }: WrittenParts): ManifestHead['sizes'] {
  let stored = 0;
  for (const part of listed.values()) stored += part.stored;
  const raw = streams.reduce((sum, stream) => sum + stream.bytes, 0);
  return { raw, stored, newStored: totals.newStored, parts: listed.size, newParts: totals.newParts, tables, rows };
}

function sealHead({ encryption }: Repository, head: Omit<ManifestHead, 'seal'>): { content: Buffer; document: ManifestHead } {
  const content = writeSealed(head, encryption);
  return { content, document: ManifestHead.parse(parseObject(content)) };
}

function describeFile(content: Buffer): { size: number; sha256: string } {
  return { size: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}
