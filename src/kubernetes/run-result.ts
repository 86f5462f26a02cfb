import { z } from 'zod';

/** Lists that were too long for the message end in `{omitted: n}`, objects become it: see jobs/output.ts. */
const Failure = z.object({ code: z.string(), message: z.string(), hint: z.string().optional(), retryable: z.boolean().optional(), exitCode: z.int().optional() });

export const RunResult = z.object({ ok: z.boolean(), command: z.string().optional(), error: Failure.optional() });
export type RunResult = z.infer<typeof RunResult>;

/** What a job wrote as its termination message; undefined of anything else (nothing, a stack trace, cut JSON). */
export function readRunResult(_message: string | undefined): RunResult | undefined {
  throw new Error('in progress');
}
