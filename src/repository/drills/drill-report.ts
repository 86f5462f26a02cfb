import { z } from 'zod';

const count = z.number().int().nonnegative();

/** passed: equal in everything compared. failed: restored, or tried to, and it differs. could-not-run: says nothing of the backup. */
export const drillOutcomes = ['passed', 'failed', 'could-not-run'] as const;
export type DrillOutcome = (typeof drillOutcomes)[number];

/** What a drill compares. An engine makes those that it has. */
export const drillCheckNames = ['rows', 'content', 'sequences', 'large-objects', 'schema', 'globals', 'integrity', 'foreign-keys', 'assertions'] as const;
export type DrillCheckName = (typeof drillCheckNames)[number];

/** One kind of comparison and over how many things (tables, sequences, statements) it was made. */
export const DrillCheck = z.strictObject({ name: z.enum(drillCheckNames), compared: count, differing: count });
export type DrillCheck = z.infer<typeof DrillCheck>;

/** One difference: in what (`public.orders`, a sequence, an assertion), in which of its parts, what was promised and what is there. */
export const DrillFinding = z.strictObject({
  check: z.enum(drillCheckNames),
  object: z.string(),
  /** Name of the part that the differing stretch of the backup lies in, where content differs. */
  part: z.string().optional(),
  expected: z.string(),
  found: z.string(),
});
export type DrillFinding = z.infer<typeof DrillFinding>;
