import { z } from 'zod';

/** Where a manifest's format changes in a way that an older reader would misread. */
export const manifestFormat = 1;

export const engineKinds = ['postgres', 'sqlite'] as const;
export type EngineKind = (typeof engineKinds)[number];

const hexDigest = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();

/** Name of a source in a repository: part of keys, so narrow. */
export const SourceName = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'use 1 to 63 of a-z, 0-9, dot, dash, underscore');
export type SourceName = z.infer<typeof SourceName>;

/** `20260116T180445Z-a1b2c3`: the UTC time the run started and six random characters; sorts by time. */
export const BackupId = z.string().regex(/^\d{8}T\d{6}Z-[0-9a-z]{6}$/);
export type BackupId = z.infer<typeof BackupId>;

export const Compression = z.union([z.literal('none'), z.string().regex(/^zstd-\d{1,2}$/)]);
export type Compression = 'none' | `zstd-${number}`;

/** A sentence in every language. */
const text = z.strictObject({ en: z.string(), zh: z.string() });

/** An object of the backup besides its parts, as it lies in the store. */
const StoredFile = z.strictObject({ size: count, sha256: hexDigest });

/**
 * The manifest's head: plain JSON, enough to list. Written last; it is the commit. `seal` covers every other field,
 * and through `body` and `references` the whole backup.
 */
export const ManifestHead = z.strictObject({
  format: z.literal(manifestFormat),
  /** Id of the repository it was written for: a head copied from another one is refused. */
  repository: z.string(),
  source: SourceName,
  id: BackupId,
  engine: z.enum(engineKinds),
  /** For people: which server and database, without credentials. */
  origin: z.string(),
  startedAt: z.iso.datetime(),
  /** The moment whose state the backup holds. */
  stateAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  holdfastVersion: z.string(),
  compression: Compression,
  /** Bytes unless said otherwise. `new*` is what this run added to the store. */
  sizes: z.strictObject({
    raw: count,
    stored: count,
    newStored: count,
    parts: count,
    newParts: count,
    tables: count,
    rows: count,
  }),
  /** What the reader should know, each in every language. */
  warnings: z.array(text),
  /** Why it is far from the backups before it; absent where it is not. It counts for nothing until a person accepts it. */
  suspicious: z.array(text).min(1).optional(),
  /** The suspicious backup in which most of the content was rewritten: this one, or an earlier one whose content it shares. */
  rewrittenIn: BackupId.optional(),
  body: StoredFile,
  references: StoredFile,
  seal: z.string().regex(/^(hmac-sha256|sha256):[0-9a-f]{64}$/),
});
export type ManifestHead = z.infer<typeof ManifestHead>;

/**
 * How a part lies in the store: the suffix of its object's key, so that someone without Holdfast knows how to read it.
 * Backups with different settings share parts, so this is the part's, not the backup's.
 */
export const partEncodings = ['zst', 'raw', 'zst.age', 'raw.age'] as const;
export type PartEncodingName = (typeof partEncodings)[number];

/**
 * A stretch of one stream's raw bytes. Most slices are a whole part; small tables share one and then say where in it
 * they lie (`offset`, `length`).
 */
export const PartSlice = z.strictObject({
  part: hexDigest,
  /** Raw bytes of the whole part. */
  raw: count,
  /** Bytes of the part's object in the store. */
  stored: count,
  encoding: z.enum(partEncodings),
  /** Rows that end in this slice. */
  rows: count.optional(),
  offset: count.optional(),
  length: count.optional(),
});
export type PartSlice = z.infer<typeof PartSlice>;

/** A named sequence of bytes of a backup: a table's rows, the definitions, a file's pages. `details` is the engine's. */
export interface Stream<Details = unknown> {
  readonly kind: string;
  readonly details: Details;
  readonly rows: number;
  /** Raw bytes. */
  readonly bytes: number;
  readonly slices: readonly PartSlice[];
}

/** The manifest's body: everything that a restore needs. `details` is the engine's. */
export interface ManifestBody<Details = unknown, StreamDetails = unknown> {
  readonly format: typeof manifestFormat;
  readonly engine: EngineKind;
  readonly details: Details;
  readonly streams: readonly Stream<StreamDetails>[];
}
