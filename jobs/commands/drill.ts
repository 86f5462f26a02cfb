import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { z } from 'zod';
import { codeOf, type HoldfastError } from '../../src/operations/errors.ts';
import { renderText } from '../../src/operations/text.ts';
import type { UnnamedDrillReport } from '../../src/repository/drills/record-drill.ts';
import { drillFailures } from '../drill/drill-failures.ts';
import { refuseExistingReport, writeReportFile } from '../drill/report-file.ts';
import { renderReportPage } from '../drill/report-page.ts';
import { describeReport, printable, reportResult } from '../drill/report-text.ts';
import { type FinishedDrill, runDrill } from '../drill/run-drill.ts';
import { errorResult } from '../output.ts';
import { findBackup, openRepositoryOf } from '../repository-access.ts';
import { backupArgument, type CommandContext, defineCommand, repositorySettings } from './command.ts';

export const drillCommand = defineCommand({
  name: 'drill',
  summary: { en: 'prove a backup: restore it into a throw-away database and compare', zh: '验证备份：恢复到一次性数据库并逐项对比' },
  arguments: [backupArgument],
  options: [
    { flags: '--assertions <path>', description: { en: 'file of SQL statements that must hold on the restored database', zh: '须在恢复后的数据库上成立的 SQL 语句文件' } },
    { flags: '--scratch <folder>', description: { en: 'where the throw-away database lives (default: the folder for temporary files)', zh: '一次性数据库所在目录（默认：临时文件目录）' } },
    { flags: '--report <path>', description: { en: 'also write the report as a page of HTML', zh: '另将报告写为 HTML 页面' } },
  ],
  settings: [...repositorySettings, 'HOLDFAST_RECIPIENTS', 'HOLDFAST_SOURCE_NAME', 'HOLDFAST_CONNECTIONS', 'HOLDFAST_POSTGRES_BIN'],
  input: z.strictObject({ backup: z.string(), assertions: z.string().optional(), scratch: z.string().optional(), report: z.string().optional() }),
  async run(context, { backup, assertions: path, scratch = context.environment['TMPDIR'] || tmpdir(), report: file }) {
    if (file !== undefined) refuseExistingReport(file);
    const assertions = path === undefined ? undefined : await readAssertions(path);
    const repository = await openRepositoryOf(context);
    const { head } = await findBackup(context, repository, backup);
    const finished = await runDrill(context, { repository, head, scratch, assertions });
    if (file !== undefined) await writeReportFile(file, renderReportPage(finished.report, context.language));
    if (finished.error !== undefined) throw finished.error;
    if (finished.report.outcome === 'passed' && finished.unrecorded !== undefined) throw finished.unrecorded;
    return { ...describeOutcome(context, finished), ...failureOf(finished.report) };
  },
});

/** A failed drill is the worse news where its report could not be recorded either: both are said. */
function describeOutcome({ language }: CommandContext, { report, unrecorded }: FinishedDrill) {
  const lines = describeReport(report, language);
  if (unrecorded === undefined) return { result: reportResult(report, language), text: lines.join('\n') };
  const error = errorResult(unrecorded, language);
  const text = renderText({ en: '! The report is not in the repository: {reason}', zh: '! 报告未能存入仓库：{reason}' }, language, { reason: String(error['message']) });
  return { result: { ...reportResult(report, language), unrecorded: error }, text: [...lines, text].join('\n') };
}

function failureOf({ outcome, details, measures, id, source }: UnnamedDrillReport): { readonly failure?: HoldfastError } {
  if (outcome === 'passed') return {};
  const differing = measures?.checks.reduce((sum, check) => sum + check.differing, 0) ?? 0;
  const [first = { object: id, expected: '=', found: '≠' }] = details.findings;
  const values = { object: printable(first.object), expected: printable(first.expected), found: printable(first.found) };
  return { failure: drillFailures.DRILL_FAILED({ backup: id, source, count: Math.max(differing, details.findings.length), ...values }) };
}

async function readAssertions(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw drillFailures.ASSERTIONS_UNREADABLE({ path, reason: codeOf(error) ?? 'unknown' }, { cause: error });
  }
}
