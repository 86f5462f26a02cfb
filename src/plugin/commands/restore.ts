import type { SourceField } from '../../kubernetes/resources/fields.ts';
import type { Resource } from '../../kubernetes/resources/kinds.ts';
import { sourceNameOf, summarizeRestore } from '../../kubernetes/resources/summaries.ts';
import { type Language, renderText } from '../../operations/text.ts';
import { defineCommand, type GivenOptions, runOptions } from '../command.ts';
import { pluginErrors } from '../plugin-errors.ts';
import { requestRun } from '../request-run.ts';

const options = {
  backup: { type: 'string', value: '<id>', description: { en: 'the backup: its id, a unique beginning of it, or latest (the default)', zh: '备份：其编号、编号的唯一前缀，或 latest（默认）' } },
  'to-secret': { type: 'string', value: '<name>[:<key>]', description: { en: 'PostgreSQL: the Secret that holds the address of the database to restore into (key: address)', zh: 'PostgreSQL：存放目标数据库地址的 Secret（键：address）' } },
  'to-claim': { type: 'string', value: '<name>', description: { en: 'SQLite: the PersistentVolumeClaim to restore onto', zh: 'SQLite：恢复到的 PersistentVolumeClaim' } },
  'to-path': { type: 'string', value: '<path>', description: { en: 'SQLite: the file on the claim', zh: 'SQLite：卷中的文件' } },
  swap: { type: 'boolean', description: { en: 'restore beside the target, check, then exchange names; the old one is kept', zh: '在目标旁恢复并检查，再交换名称；保留旧库' } },
  overwrite: { type: 'boolean', description: { en: 'replace the target; a safety backup of it is taken first', zh: '替换目标；先为其做安全备份' } },
  'skip-owners': { type: 'boolean', description: { en: 'PostgreSQL: everything belongs to who restores; no grants', zh: 'PostgreSQL：全部归恢复者所有，不恢复授权' } },
  'end-sessions': { type: 'boolean', description: { en: 'PostgreSQL: end sessions on the target where names are exchanged', zh: 'PostgreSQL：交换名称时结束目标上的会话' } },
  ...runOptions,
} as const;
type RestoreOptions = GivenOptions<typeof options>;

export const restoreCommand = defineCommand({
  name: 'restore',
  words: ['<schedule>'],
  summary: { en: "restore a backup of a schedule's source", zh: '恢复某计划来源的备份' },
  options,
  async run(context, [name = ''], given) {
    const { client, namespace, language, signal } = context;
    const schedule = await client.get('BackupSchedule', { namespace, name }, { signal });
    const spec = {
      repositoryRef: schedule.spec.repositoryRef,
      sourceName: sourceNameOf(schedule),
      backup: given.backup ?? 'latest',
      target: targetOf(given, schedule.spec.source),
      mode: modeOf(given),
      skipOwners: given['skip-owners'],
      endSessions: given['end-sessions'],
    };
    return requestRun(context, { kind: 'Restore', about: name, spec, summarize: summarizeRestore, succeeded: (restore) => describe(restore, language) }, given);
  },
});

function modeOf({ swap = false, overwrite = false }: RestoreOptions): 'New' | 'Swap' | 'Overwrite' {
  if (swap && overwrite) throw pluginErrors.PLUGIN_USAGE_INVALID({ problem: '--swap --overwrite' });
  return swap ? 'Swap' : overwrite ? 'Overwrite' : 'New';
}

/** The database that is named, or with `--swap` and `--overwrite` the source itself: nobody replaces one by leaving something out. */
function targetOf(given: RestoreOptions, source: SourceField): SourceField {
  const { 'to-secret': secret, 'to-claim': claimName, 'to-path': path } = given;
  if (secret !== undefined) {
    const [name = '', key = 'address'] = secret.split(':');
    return { postgres: { addressSecret: { name, key } } };
  }
  if (claimName !== undefined && path !== undefined) return { sqlite: { claimName, path } };
  if (claimName === undefined && path === undefined && modeOf(given) !== 'New') return source;
  throw pluginErrors.RESTORE_TARGET_MISSING({});
}

function describe({ status = {} }: Resource<'Restore'>, language: Language): string {
  const restored = renderText({ en: 'Restored: {id}, as of {stateAt}.', zh: '恢复完成：{id}，状态时间 {stateAt}。' }, language, { id: status.backupId ?? '', stateAt: status.stateAt ?? '' });
  if (status.safetyBackupId === undefined) return restored;
  return `${restored} ${renderText({ en: 'A safety backup was taken first: {id}.', zh: '已先做安全备份：{id}。' }, language, { id: status.safetyBackupId })}`;
}
