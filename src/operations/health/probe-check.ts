import type { Check, CheckTiming } from './check.ts';

interface ProbeCheckOptions extends CheckTiming {
  readonly name: string;
  readonly critical: boolean;
  /** Asks the dependency something small, on a connection of its own. Throws when it does not answer well. */
  readonly probe: (signal: AbortSignal) => Promise<unknown>;
}

/** A check that asks a dependency (a database, Redis, the repository) and tells how long the answer took: `response_time_ms`. */
export function probeCheck({ probe, ...check }: ProbeCheckOptions): Check {
  return {
    ...check,
    async run(signal) {
      const startedMs = performance.now();
      await probe(signal);
      return { response_time_ms: Math.round((performance.now() - startedMs) * 10) / 10 };
    },
  };
}
