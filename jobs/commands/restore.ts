import { z } from 'zod';
import { formatBytes, formatDuration } from '../../src/operations/format.ts';
import { renderText } from '../../src/operations/text.ts';
import { openParts } from '../../src/repository/parts/open-parts.ts';
import { readManifestBody } from '../../src/repository/manifest/manifest-body.ts';
import type { Repository } from '../../src/repository/repository.ts';
import { engineOf } from '../addresses.ts';
import type { Engine } from '../engines/engine.ts';
import { sourceErrors } from '../engines/source-errors.ts';
import { findBackup, openRepositoryOf, settingMissing } from '../repository-access.ts';
import { takeBackup } from '../take-backup.ts';
import { backupArgument, type CommandContext, defineCommand, dryRunOption, repositorySettings } from './command.ts';

export const restoreCommand = defineCommand({
  name: 'restore',
  summary: { en: 'restore a backup, by default into a new database', zh: '恢复备份，默认恢复到新数据库' },
  arguments: [backupArgument],
  options: [
    { flags: '--swap', description: { en: 'restore beside the target, check, then exchange names; the old one is kept', zh: '在目标旁恢复并检查，再交换名称；保留旧库' } },
    { flags: '--overwrite', description: { en: 'replace the target; a safety backup of it is taken first', zh: '替换目标；先为其做安全备份' } },
    { flags: '--end-sessions', description: { en: 'PostgreSQL: end sessions on the target where names are exchanged', zh: 'PostgreSQL：交换名称时结束目标上的会话' } },
    { flags: '--skip-owners', description: { en: 'PostgreSQL: everything belongs to who restores; no grants', zh: 'PostgreSQL：全部归恢复者所有，不恢复授权' } },
    { flags: '--finished-by <time>', description: { en: 'only backups that had finished by then: `latest` is the latest of them (2026-01-16T18:00:00Z)', zh: '仅限此时刻前完成的备份：`latest` 指其中最新者（2026-01-16T18:00:00Z）' } },
    dryRunOption,
  ],
  settings: [...repositorySettings, 'HOLDFAST_SOURCE', 'HOLDFAST_SOURCE_NAME', 'HOLDFAST_TARGET', 'HOLDFAST_RECIPIENTS', 'HOLDFAST_CONNECTIONS', 'HOLDFAST_POSTGRES_BIN'],
  input: z.strictObject({
    backup: z.string(),
    swap: z.boolean().default(false),
    overwrite: z.boolean().default(false),
    endSessions: z.boolean().default(false),
    skipOwners: z.boolean().default(false),
    finishedBy: z.iso.datetime().optional(),
    dryRun: z.boolean().default(false),
  }),
  async run(context, { backup, finishedBy, ...options }) {
    const repository = await openRepositoryOf(context);
    const { head } = await findBackup(context, repository, backup, finishedBy === undefined ? undefined : new Date(finishedBy));
    const engine = context.engines[head.engine];
    const target = context.configuration.HOLDFAST_TARGET ?? besideTheSource(context, engine, head.id);
    if (engineOf(context.engines, target) !== engine) {
      throw sourceErrors.SOURCE_ADDRESS_INVALID({ source: engineOf(context.engines, target).describe(target), reason: `the backup is one of ${head.engine}` });
    }
    const startedAt = performance.now();
    const safety = options.overwrite && !options.dryRun ? await takeSafetyBackup(context, { repository, engine, target }) : undefined;
    const body = await readManifestBody(repository, head, { signal: context.signal });
    const parts = openParts(repository, { signal: context.signal });
    const restored = await engine.restore(context, { body, parts, target, options: { ...options, connections: context.configuration.HOLDFAST_CONNECTIONS } });
    const plan = restored.plan.map((step) => step[context.language]);
    const warnings = restored.warnings.map((warning) => warning[context.language]);
    const durationMs = Math.round(performance.now() - startedAt);
    const lines = options.dryRun
      ? [renderText({ en: 'This would be done:', zh: '将执行：' }, context.language), ...plan.map((step, index) => `  ${index + 1}. ${step}`)]
      : [
          renderText({ en: 'Restored {id} of {source} into {target}: {size} in {tables} tables, checked, in {duration}.', zh: '已将 {source} 的 {id} 恢复到 {target}：{tables} 张表共 {size}，已检查，用时 {duration}。' }, context.language, {
            id: head.id,
            source: head.source,
            target: restored.target,
            size: formatBytes(restored.bytes),
            tables: restored.tables,
            duration: formatDuration(durationMs),
          }),
        ];
    if (restored.previous !== undefined) lines.push(renderText({ en: 'What was there before is now {previous}.', zh: '原内容现位于 {previous}。' }, context.language, { previous: restored.previous }));
    if (safety) lines.push(renderText({ en: 'A safety backup of the target was taken first: {id}.', zh: '已先为目标做安全备份：{id}。' }, context.language, { id: safety }));
    lines.push(...warnings.map((warning) => `! ${warning}`));
    return { result: { id: head.id, source: head.source, stateAt: head.stateAt, dryRun: options.dryRun, durationMs, safetyBackup: safety, ...restored, plan, warnings }, text: lines.join('\n') };
  },
});

/** Without a target: a new database beside the source. Throws SETTING_MISSING where there is no source either. */
function besideTheSource({ configuration, engines }: CommandContext, engine: Engine, id: string): string {
  const source = configuration.HOLDFAST_SOURCE;
  if (source === undefined || engineOf(engines, source) !== engine) throw settingMissing('HOLDFAST_TARGET');
  return engine.besideSource(source, id);
}

/** Backs up what the restore is going to replace; undefined where there is nothing. Its id. */
async function takeSafetyBackup(
  context: CommandContext,
  { repository, engine, target }: { readonly repository: Repository; readonly engine: Engine; readonly target: string },
): Promise<string | undefined> {
  if ((await engine.inspectTarget(context, target)) !== 'occupied') return undefined;
  const taken = await takeBackup(context, { repository, address: target, compression: `zstd-${context.configuration.HOLDFAST_COMPRESSION_LEVEL}`, globals: false, rolePasswords: false, dryRun: false });
  return taken.id;
}
