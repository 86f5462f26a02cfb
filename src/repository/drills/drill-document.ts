import { z } from 'zod';
import { BackupId, engineKinds, SourceName } from '../manifest/manifest.ts';
import { pageEndings } from '../manifest/object-keys.ts';
import { DrillCheck, DrillFinding, drillOutcomes } from './drill-report.ts';

export const drillFormat = 1;

const count = z.number().int().nonnegative();
const text = z.strictObject({ en: z.string(), zh: z.string() });

/** What a drill found out besides numbers. It names tables, so it is encrypted where the repository is. */
export const DrillDetails = z.strictObject({
  findings: z.array(DrillFinding),
  warnings: z.array(text),
  /** Why the drill could not run, or why the backup could not be restored. */
  error: z.strictObject({ message: text, hint: text }).optional(),
});
export type DrillDetails = z.infer<typeof DrillDetails>;

/** Of a drill that came to its end. Milliseconds, bytes. */
export const DrillMeasures = z.strictObject({
  /** The program that it was restored into: `PostgreSQL 17.4`. */
  restoredInto: z.string(),
  tables: count,
  rows: count,
  bytes: count,
  restoreMs: count,
  checkMs: count,
  checks: z.array(DrillCheck),
});
export type DrillMeasures = z.infer<typeof DrillMeasures>;

/**
 * `drills/<source>/<backup>/<drill>.json`: one drill of one backup. `seal` covers every other field, and by `page` the page
 * beside it. `backupSeal` is the seal of the backup's head: the report speaks of that backup and of no other, not even of
 * one that somebody puts in its place.
 */
export const DrillDocument = z.strictObject({
  format: z.literal(drillFormat),
  repository: z.string(),
  source: SourceName,
  /** The backup. */
  id: BackupId,
  backupSeal: z.string(),
  /** When it was recorded, by the store's clock, and six random characters: the form of a backup's id. */
  drill: BackupId,
  outcome: z.enum(drillOutcomes),
  /** How many findings the details hold. */
  findings: count,
  engine: z.enum(engineKinds),
  holdfastVersion: z.string(),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  /** The moment whose state the backup holds, and how long before the drill that was, in milliseconds. */
  stateAt: z.iso.datetime(),
  ageMs: z.number().int(),
  measures: DrillMeasures.optional(),
  errorCode: z.string().optional(),
  /** As they are, or an age file in base64. */
  details: z.union([DrillDetails, z.base64()]),
  page: z.strictObject({ ending: z.enum(pageEndings), size: count, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  seal: z.string(),
});
export type DrillDocument = z.infer<typeof DrillDocument>;

/** A drill as it is recorded and shown: the document with its details readable. */
export type DrillReport = Omit<DrillDocument, 'details' | 'page' | 'seal'> & { readonly details: DrillDetails };
