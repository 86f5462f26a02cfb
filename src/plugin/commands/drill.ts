import type { Resource } from '../../kubernetes/resources/kinds.ts';
import { summarizeDrill } from '../../kubernetes/resources/summaries.ts';
import { formatDuration } from '../../operations/format.ts';
import { type Language, renderText } from '../../operations/text.ts';
import { defineCommand, runOptions } from '../command.ts';
import { requestRun } from '../request-run.ts';

export const drillCommand = defineCommand({
  name: 'drill',
  words: ['<schedule>'],
  summary: { en: 'prove a backup: restore it into a throw-away database and compare', zh: '验证备份：恢复到一次性数据库并逐项对比' },
  options: {
    backup: { type: 'string', value: '<id>', description: { en: 'the backup: its id, a unique beginning of it, or latest (the default)', zh: '备份：其编号、编号的唯一前缀，或 latest（默认）' } },
    ...runOptions,
  },
  async run(context, [name = ''], { backup = 'latest', ...options }) {
    const { client, namespace, language, signal } = context;
    const { spec } = await client.get('BackupSchedule', { namespace, name }, { signal });
    const assertionsConfigMap = spec.drill?.assertionsConfigMap;
    const requested = { scheduleRef: { name }, backup, ...(assertionsConfigMap !== undefined && { assertionsConfigMap }) };
    return requestRun(context, { kind: 'Drill', about: name, spec: requested, summarize: summarizeDrill, succeeded: (drill) => describe(drill, language) }, options);
  },
});

function describe({ status = {} }: Resource<'Drill'>, language: Language): string {
  return renderText({ en: 'Proven: {id} is equal to what was backed up. Restored in {restore}, from a state {age} old.', zh: '验证通过：{id} 与备份时一致。恢复用时 {restore}，状态距今 {age}。' }, language, {
    id: status.backupId ?? '',
    restore: formatDuration(status.restoreMs ?? 0),
    age: formatDuration(status.ageMs ?? 0),
  });
}
