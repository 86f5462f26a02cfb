import { z } from 'zod';
import { formatBytes, formatDuration } from '../../src/operations/format.ts';
import { renderText } from '../../src/operations/text.ts';
import { openRepositoryOf, requireSetting } from '../repository-access.ts';
import { takeBackup } from '../take-backup.ts';
import { defineCommand, dryRunOption, repositorySettings } from './command.ts';

export const backupCommand = defineCommand({
  name: 'backup',
  summary: { en: 'back up a database', zh: '备份数据库' },
  arguments: [],
  options: [
    { flags: '--no-compress', description: { en: 'store without compression', zh: '不压缩存储' } },
    { flags: '--no-globals', description: { en: 'PostgreSQL: leave roles and tablespaces out', zh: 'PostgreSQL：不含角色与表空间' } },
    { flags: '--role-passwords', description: { en: "PostgreSQL: with the roles' password hashes (needs a superuser)", zh: 'PostgreSQL：包含角色的密码散列（需超级用户）' } },
    dryRunOption,
  ],
  settings: [...repositorySettings, 'HOLDFAST_RECIPIENTS', 'HOLDFAST_SOURCE', 'HOLDFAST_SOURCE_NAME', 'HOLDFAST_CONNECTIONS', 'HOLDFAST_COMPRESSION_LEVEL', 'HOLDFAST_LOCK_WAIT_LIMIT', 'HOLDFAST_LOCK_WAIT_ACTION', 'HOLDFAST_POSTGRES_BIN'],
  input: z.strictObject({ compress: z.boolean(), globals: z.boolean(), rolePasswords: z.boolean().default(false), dryRun: z.boolean().default(false) }),
  async run(context, { compress, globals, rolePasswords, dryRun }) {
    const source = requireSetting(context, 'HOLDFAST_SOURCE');
    const repository = await openRepositoryOf(context);
    const startedAt = performance.now();
    const compression = compress ? (`zstd-${context.configuration.HOLDFAST_COMPRESSION_LEVEL}` as const) : 'none';
    const taken = await takeBackup(context, { repository, address: source, sourceName: context.configuration.HOLDFAST_SOURCE_NAME, compression, globals, rolePasswords, dryRun });
    const durationMs = performance.now() - startedAt;
    const { sizes } = taken;
    const warnings = taken.warnings.map((warning) => warning[context.language]);
    const text = renderText(
      dryRun
        ? {
            en: 'A backup of {source} would read {raw} and add {newRaw} (before compression) to the repository.',
            zh: '备份 {source} 将读取 {raw}，向仓库新增 {newRaw}（压缩前）。',
          }
        : {
            en: 'Backup {id} of {source}: {raw} in {tables} tables, {stored} stored, {newStored} of it new, in {duration}.',
            zh: '{source} 的备份 {id}：{tables} 张表共 {raw}，存储 {stored}，其中新增 {newStored}，用时 {duration}。',
          },
      context.language,
      {
        id: taken.id ?? '',
        source: taken.source,
        raw: formatBytes(sizes.raw),
        newRaw: formatBytes(sizes.newRaw ?? 0),
        stored: formatBytes(sizes.stored ?? 0),
        newStored: formatBytes(sizes.newStored ?? 0),
        tables: sizes.tables,
        duration: formatDuration(durationMs),
      },
    );
    const suspicious = taken.suspicious?.map((anomaly) => anomaly[context.language]);
    const doubts = suspicious
      ? [
          ...suspicious.map((anomaly) => `! ${anomaly}`),
          renderText({ en: '! This backup is suspicious: cleanup forgets no other on its account. If it is right, `holdfast accept {id}`.', zh: '! 此备份可疑：cleanup 不会因它而遗忘其他备份。若内容正确，请执行 `holdfast accept {id}`。' }, context.language, { id: taken.id ?? '' }),
        ]
      : [];
    return { result: { ...taken, warnings, suspicious, durationMs: Math.round(durationMs), dryRun }, text: [text, ...doubts, ...warnings.map((warning) => `! ${warning}`)].join('\n') };
  },
});
