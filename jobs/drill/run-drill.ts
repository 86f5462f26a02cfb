import { HoldfastError } from '../../src/operations/errors.ts';
import type { DrillFinding } from '../../src/repository/drills/drill-report.ts';
import type { DrillReport } from '../../src/repository/drills/drill-document.ts';
import { describeDrill, type DrillRecord, recordDrill, type UnnamedDrillReport } from '../../src/repository/drills/record-drill.ts';
import { readManifestBody } from '../../src/repository/manifest/manifest-body.ts';
import type { ManifestBody, ManifestHead } from '../../src/repository/manifest/manifest.ts';
import { isDamage } from '../../src/repository/manifest/references.ts';
import { openParts } from '../../src/repository/parts/open-parts.ts';
import { requireReading, type Repository } from '../../src/repository/repository.ts';
import type { CommandContext } from '../commands/command.ts';
import type { DrillResult } from '../engines/engine.ts';
import { nameOfStream } from '../stream-name.ts';
import { renderReportPage } from './report-page.ts';

export interface DrillRun {
  readonly repository: Repository;
  readonly head: ManifestHead;
  /** The user's SQL assertions. */
  readonly assertions?: string | undefined;
  readonly scratch: string;
}

export interface FinishedDrill {
  /** Without a name where it could not be recorded. */
  readonly report: UnnamedDrillReport & Partial<DrillReport>;
  /** Where the drill could not run: why. */
  readonly error?: Error;
  /** Why the report is not in the repository; absent where it is. */
  readonly unrecorded?: Error;
}

/**
 * Drills one backup and records what came out, whatever it was. Throws, and records nothing, when it is stopped by the signal or
 * where nothing could be decrypted (REPOSITORY_IDENTITY_REQUIRED).
 */
export async function runDrill(context: CommandContext, run: DrillRun): Promise<FinishedDrill> {
  const { repository, head } = run;
  const { signal, log, language } = context;
  requireReading(repository);
  const startedAt = new Date();
  log.info({ id: head.id, source: head.source }, 'drill started');
  const { error, ...attempt } = await attemptDrill(context, run);
  const report = describeDrill(repository, head, { ...attempt, startedAt, finishedAt: new Date(), holdfastVersion: context.version });
  const { outcome, measures, errorCode } = report;
  log.info({ id: head.id, source: head.source, outcome, measures, errorCode }, 'drill ended');
  const why = error !== undefined && { error };
  try {
    return { report: await recordDrill(repository, report, { renderPage: (named) => renderReportPage(named, language), signal }), ...why };
  } catch (storeError) {
    signal.throwIfAborted();
    log.warn({ id: head.id, source: head.source, err: storeError }, 'the report of a drill was not recorded');
    return { report, unrecorded: asError(storeError), ...why };
  }
}

type Attempt = Pick<DrillRecord, 'outcome' | 'measures' | 'errorCode' | 'details'> & { readonly error?: Error };

async function attemptDrill(context: CommandContext, { repository, head, assertions, scratch }: DrillRun): Promise<Attempt> {
  const { signal, configuration } = context;
  let body: ManifestBody | undefined;
  try {
    context.progress.phase('preparing');
    body = await readManifestBody(repository, head, { signal });
    const parts = openParts(repository, { signal });
    const result = await context.engines[head.engine].drill(context, { body, parts, scratch, connections: configuration.HOLDFAST_CONNECTIONS, ...(assertions !== undefined && { assertions }) });
    return concluded(result);
  } catch (error) {
    signal.throwIfAborted();
    return isDamage(error) ? disproven(error, body) : { outcome: 'could-not-run', error: asError(error), ...explain(error) };
  }
}

function concluded({ findings, warnings, ...measures }: DrillResult): Attempt {
  const differs = findings.length > 0 || measures.checks.some(({ differing }) => differing > 0);
  const { restoredInto, tables, rows, bytes, checks } = measures;
  return {
    outcome: differs ? 'failed' : 'passed',
    measures: { restoredInto, tables, rows, bytes, restoreMs: Math.round(measures.restoreMs), checkMs: Math.round(measures.checkMs), checks: [...checks] },
    details: { findings: [...findings], warnings: [...warnings] },
  };
}

/** The backup cannot even be read as it was stored: each table that the damaged object belongs to is a finding. */
function disproven(error: HoldfastError, body: ManifestBody | undefined): Attempt {
  const named = error.values['object'] ?? error.values['key'];
  const object = typeof named === 'string' ? named : '';
  const part = /^parts\/..\/([0-9a-f]{64})\./.exec(object)?.[1];
  const streams = part === undefined ? [] : (body?.streams ?? []).filter(({ slices }) => slices.some((slice) => slice.part === part));
  const common = { expected: 'what was stored', found: error.message };
  const findings: DrillFinding[] = streams.map((stream) => ({ check: 'content', object: nameOfStream(stream) || stream.kind, part: part as string, ...common }));
  const { errorCode, details } = explain(error);
  return { outcome: 'failed', errorCode, details: { ...details, findings: findings.length > 0 ? findings : [{ check: 'integrity', object: object || error.code, ...common }] } };
}

function explain(error: unknown): Required<Pick<DrillRecord, 'errorCode' | 'details'>> {
  if (!(error instanceof HoldfastError)) {
    const message = { en: 'Something unforeseen happened; the log of the run has the details', zh: '发生未预见的故障；详情见该次运行的日志' };
    const hint = { en: 'Please report it.', zh: '请报告此问题。' };
    return { errorCode: 'UNEXPECTED', details: { findings: [], warnings: [], error: { message, hint } } };
  }
  const [en, zh] = [error.describe('en'), error.describe('zh')];
  const texts = { message: { en: en.message, zh: zh.message }, hint: { en: en.hint, zh: zh.hint } };
  return { errorCode: error.code, details: { findings: [], warnings: [], error: texts } };
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('a value that is no error was thrown', { cause: thrown });
}
