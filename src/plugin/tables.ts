import type { Concern } from '../kubernetes/resources/concerns.ts';
import type { RepositorySummary, ScheduleSummary, summarizeBackup, summarizeDrill } from '../kubernetes/resources/summaries.ts';
import { formatBytes, formatDuration, formatTable } from '../operations/format.ts';
import { relativeTime } from '../operations/relative-time.ts';
import type { Language, Text } from '../operations/text.ts';

interface Reader {
  readonly language: Language;
  readonly now: Date;
}
interface ListReader extends Reader {
  /** Whether rows are of several. */
  readonly namespaces: boolean;
}

const headings = {
  namespace: { en: 'NAMESPACE', zh: '命名空间' },
  schedule: { en: 'SCHEDULE', zh: '计划' },
  source: { en: 'SOURCE', zh: '来源' },
  lastSuccess: { en: 'LAST SUCCESS', zh: '最近成功' },
  lastProven: { en: 'LAST PROVEN', zh: '最近验证' },
  next: { en: 'NEXT', zh: '下次' },
  backups: { en: 'BACKUPS', zh: '备份数' },
  state: { en: 'STATE', zh: '状态' },
  repository: { en: 'REPOSITORY', zh: '仓库' },
  ready: { en: 'READY', zh: '可用' },
  whole: { en: 'WHOLE', zh: '完整' },
  free: { en: 'FREE', zh: '剩余空间' },
  run: { en: 'RUN', zh: '运行' },
  phase: { en: 'PHASE', zh: '阶段' },
  started: { en: 'STARTED', zh: '开始' },
  took: { en: 'TOOK', zh: '用时' },
  size: { en: 'SIZE', zh: '大小' },
  notes: { en: 'NOTES', zh: '备注' },
} as const satisfies Record<string, Text>;

const texts = {
  ok: { en: 'ok', zh: '正常' },
  yes: { en: 'yes', zh: '是' },
  no: { en: 'NO', zh: '否' },
  noSchedules: { en: 'No schedules.', zh: '没有计划。' },
  noRepositories: { en: 'No repositories.', zh: '没有仓库。' },
  noRuns: { en: 'No runs yet.', zh: '尚无运行。' },
  suspicious: { en: 'suspicious', zh: '可疑' },
  proven: { en: 'proven', zh: '已验证' },
  forgotten: { en: 'forgotten', zh: '已遗忘' },
} as const satisfies Record<string, Text>;

/** Are we safe: one row a schedule. */
export function scheduleTable(schedules: readonly (ScheduleSummary & { readonly concerns: readonly Concern[] })[], { language, now, namespaces }: ListReader): string {
  if (schedules.length === 0) return texts.noSchedules[language];
  const rows = schedules.map((schedule) => [
    ...(namespaces ? [schedule.namespace] : []),
    schedule.name,
    schedule.source,
    relativeTime(schedule.lastSuccessTime, { now, language }),
    relativeTime(schedule.lastProvenTime, { now, language }),
    relativeTime(schedule.nextDueTime, { now, language }),
    String(schedule.retainedBackups ?? ''),
    schedule.concerns.map(({ text }) => text[language]).join(', ') || texts.ok[language],
  ]);
  const { namespace, schedule, source, lastSuccess, lastProven, next, backups, state } = headings;
  return formatTable(inLanguage([...(namespaces ? [namespace] : []), schedule, source, lastSuccess, lastProven, next, backups, state], language), rows);
}

export function repositoryTable(repositories: readonly RepositorySummary[], { language, namespaces }: ListReader): string {
  if (repositories.length === 0) return texts.noRepositories[language];
  const rows = repositories.map(({ namespace, name, ready, whole, freeBytes }) => [
    ...(namespaces ? [namespace] : []), name, yesOrNo(ready, language), yesOrNo(whole, language), freeBytes === undefined ? '' : formatBytes(freeBytes),
  ]);
  const { namespace, repository, ready, whole, free } = headings;
  return formatTable(inLanguage([...(namespaces ? [namespace] : []), repository, ready, whole, free], language), rows);
}

type RunRow = ({ readonly kind: 'backup' } & ReturnType<typeof summarizeBackup>) | ({ readonly kind: 'drill' } & ReturnType<typeof summarizeDrill>);

export function runTable(runs: readonly RunRow[], { language, now }: Reader): string {
  if (runs.length === 0) return texts.noRuns[language];
  const rows = runs.map((run) => [
    `${run.kind}/${run.name}`,
    run.phase,
    relativeTime(run.startedAt, { now, language }),
    run.startedAt === undefined || run.finishedAt === undefined ? '' : formatDuration(Date.parse(run.finishedAt) - Date.parse(run.startedAt)),
    run.kind === 'backup' && run.rawBytes !== undefined ? formatBytes(run.rawBytes) : '',
    notesOf(run, language).join(', '),
  ]);
  return formatTable(inLanguage([headings.run, headings.phase, headings.started, headings.took, headings.size, headings.notes], language), rows);
}

function notesOf(run: RunRow, language: Language): string[] {
  const failure = run.failure === undefined ? [] : [run.failure.code];
  if (run.kind === 'drill') return [...(run.result === undefined ? [] : [run.result]), ...failure];
  const marks = [[run.suspicious, texts.suspicious], [run.proven, texts.proven], [run.forgottenAt !== undefined, texts.forgotten]] as const;
  return [...marks.flatMap(([holds, text]) => (holds === true ? [text[language]] : [])), ...failure];
}

function yesOrNo(holds: boolean | undefined, language: Language): string {
  return holds === undefined ? '' : (holds ? texts.yes : texts.no)[language];
}

function inLanguage(headingTexts: readonly Text[], language: Language): string[] {
  return headingTexts.map((text) => text[language]);
}
