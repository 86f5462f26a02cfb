import { join } from 'node:path';
import type { DrillFinding } from '../../../src/repository/drills/drill-report.ts';
import { requireSpace, withDrillFolder } from '../drill-folder.ts';
import { isIntegrityError, watchParts, type WatchedParts } from '../drill-parts.ts';
import { DrillTally } from '../drill-tally.ts';
import type { DrillRequest, DrillResult, EngineContext, RestoreResult } from '../engine.ts';
import { formatAddress } from './address.ts';
import { readContent } from './content.ts';
import { comparePages } from './drill/compare-pages.ts';
import { readAssertions, runAssertions } from './drill/run-assertions.ts';
import { restore } from './restore.ts';

/** Beside the file itself: its neighbours while it is restored, and what SQLite sorts on disk. */
const spaceBeside = 16 * 1024 * 1024;

const options = { dryRun: false, overwrite: false, swap: false, endSessions: false, skipOwners: false, connections: 1 };

/**
 * Restores a backup into a temporary file and compares it: `engine.ts` says what callers may rely on. The restore checks
 * integrity, foreign keys and definitions; the comparison shows that the file is still, byte by byte, what it checked.
 */
export async function drill(context: EngineContext, { body, parts: source, assertions: sql, scratch }: DrillRequest): Promise<DrillResult> {
  const { log, signal } = context;
  const { details, pages } = readContent(body);
  const assertions = readAssertions(sql);
  return withDrillFolder({ scratch, log }, async (folder) => {
    await requireSpace(scratch, pages.bytes + spaceBeside);
    const path = join(folder, 'restored.db');
    const parts = watchParts(source);
    const tally = new DrillTally();
    const started = performance.now();
    const restored = await restoreInto(path, { context, body, parts, tally });
    const between = performance.now();
    if (restored !== undefined) {
      for (const check of ['integrity', 'foreign-keys', 'schema'] as const) tally.compared(check, details.tables.length);
      await comparePages(context, { path, pages, parts, tally });
      if (assertions !== undefined) await runAssertions(path, { assertions, tally, signal });
    }
    return {
      checks: tally.checks,
      findings: tally.findings,
      tables: details.tables.length,
      rows: restored?.rows ?? 0,
      bytes: pages.bytes,
      restoreMs: Math.round(between - started),
      checkMs: Math.round(performance.now() - between),
      restoredInto: `SQLite ${process.versions['sqlite']}`,
      warnings: restored?.warnings ?? [],
    };
  });
}

interface Restoring extends Pick<DrillRequest, 'body'> {
  readonly context: EngineContext;
  readonly parts: WatchedParts;
  readonly tally: DrillTally;
}

/** The restore; undefined where it failed because of the backup, which is a finding then. */
async function restoreInto(path: string, { context, body, parts, tally }: Restoring): Promise<RestoreResult | undefined> {
  try {
    return await restore(context, { body, parts, target: formatAddress(path), options });
  } catch (error) {
    if (!isIntegrityError(error)) throw error;
    const { damaged } = parts;
    const finding: DrillFinding =
      damaged === undefined
        ? { check: 'integrity', object: 'the restored file', expected: 'a sound database as it was read', found: error.message }
        : { check: 'content', object: 'the file', part: damaged.slice.part, expected: `${damaged.slice.raw} bytes whose hash is the part’s name`, found: error.message };
    tally.compared(finding.check, 1);
    tally.differs(finding);
    return undefined;
  }
}
