import { z } from 'zod';

/** What stands at the end of a list that did not fit, or in place of an object. */
const Omitted = z.strictObject({ omitted: z.int() });

/** A field that is not as expected is as good as absent: the rest of the result is worth having. */
function lenient<Schema extends z.ZodType>(schema: Schema) {
  return schema.optional().catch(undefined);
}

/** Only whole: what is missing from it would be taken for not being there. */
const wholeList = z.array(z.string());
/** As far as it goes. */
const list = z.array(z.union([z.string(), Omitted])).transform((items) => items.filter((item) => typeof item === 'string'));
const texts = z.array(z.union([z.string(), Omitted])).transform((items) => items.map((item) => (typeof item === 'string' ? item : `… ${item.omitted}`)));
const bytes = z.int().min(0);
const time = z.iso.datetime();

/**
 * What a job says at its end (jobs/output.ts writes it): what all say, then what one command or another does. The texts are in the job's
 * language. Bytes and milliseconds.
 */
export const RunResult = z.object({
  ok: z.boolean(),
  command: lenient(z.string()),
  error: lenient(z.object({ code: z.string(), message: z.string(), hint: lenient(z.string()), retryable: lenient(z.boolean()), exitCode: lenient(z.int()) })),
  /** Of the volume that the repository lies on. */
  space: lenient(z.object({ freeBytes: bytes, totalBytes: bytes })),
  durationMs: lenient(z.int().min(0)),
  warnings: lenient(texts),
  /** Of a backup, restore, drill: the backup's id. Of init: the repository's. */
  id: lenient(z.string()),
  source: lenient(z.string()),
  stateAt: lenient(time),
  /** Of a backup. */
  sizes: lenient(z.object({ raw: bytes, stored: lenient(bytes), newStored: lenient(bytes), tables: lenient(bytes), rows: lenient(bytes) })),
  suspicious: lenient(texts),
  /** Of a restore. */
  safetyBackup: lenient(z.string()),
  /** Of a drill: `error` where it could not run, and says nothing of the backup. */
  outcome: lenient(z.enum(['passed', 'failed', 'error'])),
  restoreMs: lenient(z.int().min(0)),
  checkMs: lenient(z.int().min(0)),
  ageMs: lenient(z.int()),
  /** Of a cleanup: of how many, and of which. */
  forgotten: lenient(z.int().min(0)),
  kept: lenient(z.int().min(0)),
  forgottenIds: lenient(list),
  keptIds: lenient(wholeList),
  /** Of a prune: what was freed. */
  bytes: lenient(bytes),
  /** Of a verification: how many findings. */
  found: lenient(z.int().min(0)),
});
export type RunResult = z.infer<typeof RunResult>;

/** What a job wrote as its termination message; undefined of anything else: nothing, a stack trace, JSON that was cut. */
export function readRunResult(message: string | undefined): RunResult | undefined {
  try {
    return RunResult.safeParse(JSON.parse(message ?? '')).data;
  } catch {
    return undefined;
  }
}
