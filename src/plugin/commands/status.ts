import type { AnyKind, ObjectOf } from '../../kubernetes/objects.ts';
import { concernsOf } from '../../kubernetes/resources/concerns.ts';
import { summarizeBackup, summarizeDrill, summarizeRepository, summarizeSchedule } from '../../kubernetes/resources/summaries.ts';
import { defineCommand, type PluginContext } from '../command.ts';
import { repositoryTable, runTable, scheduleTable } from '../tables.ts';

const shownRuns = 10;

export const statusCommand = defineCommand({
  name: 'status',
  words: ['[schedule]'],
  summary: { en: 'are we safe, and since when: schedules and repositories, or one schedule and its last runs', zh: '备份是否可靠：各计划与仓库，或某计划及其最近运行' },
  options: { 'all-namespaces': { type: 'boolean', short: 'A', description: { en: 'of all namespaces', zh: '所有命名空间' } } },
  async run(context, [name], { 'all-namespaces': all = false }) {
    if (name !== undefined) await showSchedule(context, name);
    else await showAll(context, all ? undefined : context.namespace);
    return 0;
  },
});

async function showAll(context: PluginContext, namespace: string | undefined): Promise<void> {
  const { language, json, stdout, now } = context;
  const [schedules, repositories] = await Promise.all([listed(context, 'BackupSchedule', namespace), listed(context, 'BackupRepository', namespace)]);
  const [shown, stores] = [schedules.map((schedule) => ({ ...summarizeSchedule(schedule), concerns: concernsOf(schedule, now()) })), repositories.map(summarizeRepository)];
  if (json) stdout.write(`${JSON.stringify({ schedules: shown.map((each) => ({ ...each, concerns: each.concerns.map(({ reason }) => reason) })), repositories: stores })}\n`);
  else stdout.write(`${scheduleTable(shown, { language, now: now(), namespaces: namespace === undefined })}\n\n${repositoryTable(stores, { language, now: now(), namespaces: namespace === undefined })}\n`);
}

/** One schedule and its last runs, newest first. */
async function showSchedule(context: PluginContext, name: string): Promise<void> {
  const { client, namespace, language, json, stdout, signal, now } = context;
  const schedule = await client.get('BackupSchedule', { namespace, name }, { signal });
  const [backups, drills] = await Promise.all([listed(context, 'Backup', namespace), listed(context, 'Drill', namespace)]);
  const runs = [...backups.map((backup) => ({ kind: 'backup', ...summarizeBackup(backup) }) as const), ...drills.map((drill) => ({ kind: 'drill', ...summarizeDrill(drill) }) as const)]
    .filter((run) => run.schedule === name)
    .toSorted((one, other) => ((one.createdAt ?? '') < (other.createdAt ?? '') ? 1 : -1))
    .slice(0, shownRuns);
  const shown = { ...summarizeSchedule(schedule), concerns: concernsOf(schedule, now()) };
  if (json) stdout.write(`${JSON.stringify({ schedule: { ...shown, concerns: shown.concerns.map(({ reason }) => reason) }, runs })}\n`);
  else stdout.write(`${scheduleTable([shown], { language, now: now(), namespaces: false })}\n\n${runTable(runs, { language, now: now() })}\n`);
}

async function listed<Kind extends AnyKind>({ client, signal }: PluginContext, kind: Kind, namespace: string | undefined): Promise<ObjectOf<Kind>[]> {
  return Array.fromAsync(client.list(kind, { namespace }, { signal }));
}
