import { z } from 'zod';
import { formatBytes, formatDuration, formatTable } from '../../src/operations/format.ts';
import { type Language, renderText } from '../../src/operations/text.ts';
import { type DrilledBackup, listDrilledBackups } from '../../src/repository/backups/backups.ts';
import { listTrash } from '../../src/repository/backups/forget.ts';
import { type DrillVerdict, readVerdicts } from '../../src/repository/drills/verdicts.ts';
import { nameOf } from '../../src/repository/manifest/object-keys.ts';
import type { Repository } from '../../src/repository/repository.ts';
import { openRepositoryOf } from '../repository-access.ts';
import { defineCommand, repositorySettings } from './command.ts';

export const listCommand = defineCommand({
  name: 'list',
  summary: { en: 'list the backups', zh: '列出备份' },
  arguments: [],
  options: [{ flags: '--trash', description: { en: 'list the forgotten ones that can still be recalled', zh: '列出仍可召回的已遗忘备份' } }],
  settings: [...repositorySettings, 'HOLDFAST_SOURCE_NAME'],
  input: z.strictObject({ trash: z.boolean().default(false) }),
  async run(context, { trash }) {
    const repository = await openRepositoryOf(context);
    const options = { signal: context.signal, source: context.configuration.HOLDFAST_SOURCE_NAME };
    const entries = trash ? await listForgotten(repository, options) : await listDrilledBackups(repository, options);
    const text =
      entries.length === 0
        ? renderText({ en: 'No backups.', zh: '没有备份。' }, context.language)
        : formatTable(headingIn(context.language), entries.map((entry) => rowOf(entry, context.language)));
    return { result: { backups: entries.map((entry) => describeEntry(entry, context.language)) }, text };
  },
});

type ListedEntry = DrilledBackup & { readonly forgottenAt?: Date };

async function listForgotten(repository: Repository, options: Parameters<typeof listTrash>[1]): Promise<ListedEntry[]> {
  const entries = await listTrash(repository, options);
  const verdicts = await readVerdicts(repository, entries, options);
  return entries.map((entry) => ({ ...entry, held: false, suspicious: entry.state === 'ok' && entry.head.suspicious !== undefined, forgottenAt: entry.modifiedAt, verdict: verdicts.get(nameOf(entry)) }));
}

/** A backup as programs read it in lists. */
function describeEntry({ id, source, state, held, heldReason, suspicious, forgottenAt, verdict, ...entry }: ListedEntry, language: Language): Record<string, unknown> {
  const common = { id, source, state, held, heldReason, suspicious, forgottenAt, drill: verdict };
  if (!('head' in entry)) return { ...common, reason: entry.reason };
  const { engine, origin, stateAt, sizes, compression, warnings } = entry.head;
  const anomalies = entry.head.suspicious?.map((anomaly) => anomaly[language]);
  return { ...common, engine, origin, stateAt, compression, sizes, anomalies, warnings: warnings.map((warning) => warning[language]) };
}

function headingIn(language: Language): string[] {
  const headings = [
    { en: 'BACKUP', zh: '备份' },
    { en: 'SOURCE', zh: '来源' },
    { en: 'AGE', zh: '时间' },
    { en: 'CONTENT', zh: '内容' },
    { en: 'STORED', zh: '存储' },
    { en: 'NEW', zh: '新增' },
    { en: 'PROVEN', zh: '已验证' },
    { en: 'NOTES', zh: '备注' },
  ];
  return headings.map((heading) => renderText(heading, language));
}

function rowOf(entry: ListedEntry, language: Language): string[] {
  const held = entry.held ? [renderText({ en: 'held', zh: '保留' }, language)] : [];
  if (entry.state === 'damaged') {
    const damaged = renderText({ en: 'DAMAGED: {reason}', zh: '损坏：{reason}' }, language, { reason: entry.reason });
    return [entry.id, entry.source, '', '', '', '', '', [damaged, ...held].join(', ')];
  }
  const { sizes, stateAt, warnings } = entry.head;
  const warned = warnings.length > 0 ? [renderText({ en: '{count} warnings', zh: '{count} 条警告' }, language, { count: warnings.length })] : [];
  const suspicious = entry.suspicious ? [renderText({ en: 'SUSPICIOUS: {reasons}', zh: '可疑：{reasons}' }, language, { reasons: (entry.head.suspicious ?? []).map((anomaly) => anomaly[language]).join('; ') })] : [];
  const columns = [ago(stateAt, language), formatBytes(sizes.raw), formatBytes(sizes.stored), formatBytes(sizes.newStored), describeVerdict(entry.verdict, language)];
  return [entry.id, entry.source, ...columns, [...suspicious, ...held, ...warned].join(', ')];
}

function describeVerdict(verdict: DrillVerdict | undefined, language: Language): string {
  if (!verdict) return '';
  const age = ago(verdict.at, language);
  return verdict.outcome === 'passed' ? age : renderText({ en: 'FAILED {age}', zh: '未通过（{age}）' }, language, { age });
}

function ago(time: string, language: Language): string {
  return renderText({ en: '{age} ago', zh: '{age}前' }, language, { age: formatDuration(Date.now() - Date.parse(time)) });
}
