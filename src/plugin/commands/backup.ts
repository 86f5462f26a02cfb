import type { Resource } from '../../kubernetes/resources/kinds.ts';
import { summarizeBackup } from '../../kubernetes/resources/summaries.ts';
import { formatBytes } from '../../operations/format.ts';
import { type Language, renderText } from '../../operations/text.ts';
import { defineCommand, runOptions } from '../command.ts';
import { requestRun } from '../request-run.ts';

export const backupCommand = defineCommand({
  name: 'backup',
  words: ['<schedule>'],
  summary: { en: "back up a schedule's source now", zh: '立即备份某计划的来源' },
  options: runOptions,
  async run(context, [name = ''], options) {
    const { client, namespace, language, signal } = context;
    // A backup of a schedule that is not there would wait for it.
    const schedule = await client.get('BackupSchedule', { namespace, name }, { signal });
    const requested = { kind: 'Backup', about: schedule.metadata.name, spec: { scheduleRef: { name } }, summarize: summarizeBackup, succeeded: (backup: Resource<'Backup'>) => describe(backup, language) } as const;
    return requestRun(context, requested, options);
  },
});

function describe({ status = {} }: Resource<'Backup'>, language: Language): string {
  return renderText({ en: 'Backed up: {id}, {size}, of which {added} new in the repository.', zh: '备份完成：{id}，{size}，仓库新增 {added}。' }, language, {
    id: status.backupId ?? '',
    size: formatBytes(status.rawBytes ?? 0),
    added: formatBytes(status.newBytes ?? 0),
  });
}
