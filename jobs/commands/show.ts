import { z } from 'zod';
import { formatBytes, formatDuration, formatTable } from '../../src/operations/format.ts';
import { type Language, renderText } from '../../src/operations/text.ts';
import { readDrillPage, readDrills, type StoredDrill } from '../../src/repository/drills/read-drills.ts';
import { readManifestBody } from '../../src/repository/manifest/manifest-body.ts';
import type { Repository } from '../../src/repository/repository.ts';
import { drillFailures } from '../drill/drill-failures.ts';
import { refuseExistingReport, writeReportFile } from '../drill/report-file.ts';
import { outcomeWords } from '../drill/report-texts.ts';
import { canReadContents, findBackup, openRepositoryOf } from '../repository-access.ts';
import { nameOfStream } from '../stream-name.ts';
import { backupArgument, type CommandContext, defineCommand, repositorySettings } from './command.ts';

export const showCommand = defineCommand({
  name: 'show',
  summary: { en: 'show one backup', zh: '显示一个备份' },
  arguments: [backupArgument],
  options: [{ flags: '--report <path>', description: { en: 'write the page of its last drill to a file', zh: '将最近一次演练的页面写入文件' } }],
  settings: [...repositorySettings, 'HOLDFAST_SOURCE_NAME'],
  input: z.strictObject({ backup: z.string(), report: z.string().optional() }),
  async run(context, { backup, report }) {
    const repository = await openRepositoryOf(context);
    const { head, held, heldReason, suspicious } = await findBackup(context, repository, backup);
    const drills = await readDrills(repository, head, { signal: context.signal });
    if (report !== undefined) await writeLastPage(context, repository, { backup: head.id, drills, path: report });
    const { seal: _seal, body: _body, references: _references, warnings: texts, suspicious: anomalyTexts = [], ...facts } = head;
    const warnings = texts.map((warning) => warning[context.language]);
    const anomalies = anomalyTexts.map((anomaly) => anomaly[context.language]);
    const streams = canReadContents(repository)
      ? (await readManifestBody(repository, head, { signal: context.signal })).streams.map(({ kind, details, rows, bytes, slices }) => ({ kind, name: nameOfStream({ details }), rows, bytes, parts: slices.length }))
      : undefined;
    const lines = [
      ...Object.entries({ ...facts, sizes: undefined }).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
      ...Object.entries(head.sizes).map(([key, value]) => [key, ['raw', 'stored', 'newStored'].includes(key) ? formatBytes(value) : String(value)]),
      ['held', held ? (heldReason ?? 'yes') : 'no'],
      ...(anomalies.length > 0 ? [['suspicious', suspicious ? 'yes' : 'accepted']] : []),
    ];
    const contents = streams
      ? formatTable(
          ['KIND', 'NAME', 'ROWS', 'SIZE', 'PARTS'],
          streams.map((stream) => [stream.kind, stream.name, String(stream.rows), formatBytes(stream.bytes), String(stream.parts)]),
        )
      : renderText({ en: 'Give --identity-file to see its contents.', zh: '给出 --identity-file 可查看其内容。' }, context.language);
    const text = [formatTable(['', ''], lines).trimStart(), ...[...anomalies, ...warnings].map((warning) => `! ${warning}`), '', ...describeDrills(drills, context.language), contents].join('\n');
    return { result: { ...facts, warnings, anomalies, suspicious, held, heldReason, drills: drills.map(drillResult), streams }, text };
  },
});

/** What anyone with the repository's key may see of a drill; its page has the rest. */
function drillResult(stored: StoredDrill): Record<string, unknown> {
  if (stored.state === 'damaged') return { drill: stored.drill, outcome: 'damaged', reason: stored.reason };
  const { drill, outcome, startedAt, finishedAt, ageMs, findings, errorCode, measures } = stored.document;
  return { drill, outcome, startedAt, finishedAt, ageMs, findings, errorCode, ...measures };
}

function describeDrills(drills: readonly StoredDrill[], language: Language): string[] {
  if (drills.length === 0) return [];
  const headings = [
    { en: 'DRILL', zh: '演练' },
    { en: 'OUTCOME', zh: '结果' },
    { en: 'ENDED', zh: '结束时间' },
    { en: 'RESTORE', zh: '恢复用时' },
    { en: 'INTO', zh: '恢复到' },
    { en: 'FINDINGS', zh: '不符' },
  ];
  const rows = drills.map((stored) => {
    if (stored.state === 'damaged') return [stored.drill, renderText({ en: 'DAMAGED: {reason}', zh: '损坏：{reason}' }, language, { reason: stored.reason })];
    const { drill, outcome, finishedAt, measures, errorCode, findings } = stored.document;
    return [drill, outcomeWords[outcome][language], finishedAt, measures ? formatDuration(measures.restoreMs) : '', measures?.restoredInto ?? '', errorCode ?? String(findings)];
  });
  return [formatTable(headings.map((heading) => heading[language]), rows), ''];
}

/** Throws DRILL_NOT_FOUND, and what reading the page throws. */
async function writeLastPage(
  { signal }: CommandContext,
  repository: Repository,
  { backup, drills, path }: { readonly backup: string; readonly drills: readonly StoredDrill[]; readonly path: string },
): Promise<void> {
  const last = drills.find((stored) => stored.state === 'ok');
  if (last?.state !== 'ok') throw drillFailures.DRILL_NOT_FOUND({ backup });
  refuseExistingReport(path);
  await writeReportFile(path, await readDrillPage(repository, last.document, { signal }));
}
