import { defineErrorFamily, HoldfastError } from '../../../../src/operations/errors.ts';
import { isConnectionLoss, reasonOf } from '../postgres-errors.ts';

/** What can go wrong while a backup is restored into PostgreSQL, besides sourceErrors. */
export const restoreErrors = defineErrorFamily({
  BACKUP_NOT_READABLE: {
    category: 'integrity',
    status: 500,
    retryable: false,
    message: { en: 'The manifest of this PostgreSQL backup has unexpected {reason}', zh: '此 PostgreSQL 备份的清单中 {reason} 不符合预期' },
    hint: { en: 'It may be from a newer version of Holdfast: use that one.', zh: '它可能来自更新版本的 Holdfast：请使用该版本。' },
  },
  RESTORE_NOT_POSSIBLE: {
    category: 'source',
    status: 409,
    retryable: false,
    message: { en: 'The restore into {target} is not possible, {count} reasons: {reasons}', zh: '无法恢复到 {target}，共 {count} 个原因：{reasons}' },
    hint: { en: 'Nothing was changed. Remove each cause: {hints}', zh: '未做任何更改。请逐一排除原因：{hints}' },
  },
  RESTORE_VERSION_OLDER: {
    category: 'source',
    status: 409,
    retryable: false,
    message: {
      en: 'The backup is of PostgreSQL {source}, the server of {target} is the older {found}',
      zh: '备份来自 PostgreSQL {source}，而 {target} 所在服务器是更旧的 {found}',
    },
    hint: { en: 'Restore into a server of version {source} or newer.', zh: '请恢复到 {source} 或更高版本的服务器。' },
  },
  RESTORE_EXTENSIONS_MISSING: {
    category: 'source',
    status: 409,
    retryable: false,
    message: { en: 'The server of {target} lacks extensions that the backup needs: {extensions}', zh: '{target} 所在服务器缺少备份需要的扩展：{extensions}' },
    hint: {
      en: 'Install their packages on the server (the contrib package has the standard ones), or use a server that has them.',
      zh: '请在服务器上安装对应软件包（标准扩展在 contrib 包中），或换用具备这些扩展的服务器。',
    },
  },
  RESTORE_EXTENSIONS_REFUSED: {
    category: 'source',
    status: 409,
    retryable: false,
    message: { en: 'The user {user} may not create extensions that the backup needs: {extensions}', zh: '用户 {user} 无权创建备份需要的扩展：{extensions}' },
    hint: { en: 'Restore as a superuser (or the provider’s administrator role).', zh: '请以超级用户（或云厂商的管理员角色）恢复。' },
  },
  RESTORE_ROLES_MISSING: {
    category: 'source',
    status: 409,
    retryable: false,
    message: { en: 'The server of {target} lacks roles that own or use what the backup holds: {roles}', zh: '{target} 所在服务器缺少备份内容所属或使用的角色：{roles}' },
    hint: {
      en: 'Create them (`holdfast export` writes the statements as comments at its beginning, where the backup holds them), or restore with --skip-owners.',
      zh: '请先创建这些角色（若备份包含角色，`holdfast export` 会在开头以注释形式写出相应语句），或使用 --skip-owners 恢复。',
    },
  },
  RESTORE_RIGHTS_MISSING: {
    category: 'source',
    status: 409,
    retryable: false,
    message: { en: 'The user {user} lacks a right on the server of {target}: {right}', zh: '用户 {user} 在 {target} 所在服务器上缺少权限：{right}' },
    hint: {
      en: 'Grant it or restore as another user; an empty database made for this user can be restored into as well.',
      zh: '请授予该权限或换用其他用户；也可以恢复到为该用户预先创建的空数据库。',
    },
  },
  RESTORE_ENCODING_DIFFERS: {
    category: 'source',
    status: 409,
    retryable: false,
    message: { en: 'The empty database {target} has the encoding {found}, the backup {expected}', zh: '空数据库 {target} 的编码是 {found}，而备份的编码是 {expected}' },
    hint: {
      en: 'Drop it and let the restore create it, or create it with the encoding {expected}.',
      zh: '请删除它并由恢复过程创建，或以编码 {expected} 重新创建。',
    },
  },
  RESTORE_LOCALE_MISSING: {
    category: 'source',
    status: 409,
    retryable: false,
    message: { en: 'The server of {target} cannot create a database like the backup’s: {reason}', zh: '{target} 所在服务器无法创建与备份相同的数据库：{reason}' },
    hint: {
      en: 'Install the locale on the server, or create an empty database with the same encoding and another locale and restore into that.',
      zh: '请在服务器上安装该区域设置，或先以相同编码、其他区域设置创建空数据库，再恢复到其中。',
    },
  },
  RESTORE_TARGET_UNFINISHED: {
    category: 'safety',
    status: 409,
    retryable: false,
    message: { en: 'The database {target} holds what a restore left that was killed, or one that is still going on', zh: '数据库 {target} 中是被终止的恢复遗留的内容，或另一个恢复仍在进行' },
    hint: {
      en: 'Where no restore is going on, drop it and create it again, or use --overwrite.',
      zh: '若没有恢复正在进行，请删除并重新创建该数据库，或使用 --overwrite。',
    },
  },
  RESTORE_TARGET_IN_USE: {
    category: 'safety',
    status: 409,
    retryable: false,
    message: { en: 'The database {target} is in use: {sessions}', zh: '数据库 {target} 正在使用：{sessions}' },
    hint: {
      en: 'Stop what is connected to it, or let the restore end these sessions with --end-sessions. The target was not changed.',
      zh: '请先停止相关连接，或使用 --end-sessions 由恢复过程结束这些会话。目标未被更改。',
    },
  },
  RESTORE_TEMPORARY_FULL: {
    category: 'usage',
    status: 507,
    retryable: false,
    message: { en: 'The temporary folder {folder} has no room for the definitions ({bytes} bytes)', zh: '临时目录 {folder} 空间不足，无法存放定义（{bytes} 字节）' },
    hint: {
      en: 'Free space, or name another folder by TMPDIR. Definitions hold large objects, no rows of tables.',
      zh: '请释放空间，或用 TMPDIR 指定其他目录。定义中包含大对象，不含表数据。',
    },
  },
  RESTORE_ROWS_REFUSED: {
    category: 'integrity',
    status: 500,
    retryable: false,
    message: { en: 'The server of {target} does not take the rows of {table}: {reason}', zh: '{target} 所在服务器不接受表 {table} 的数据：{reason}' },
    hint: {
      en: 'The target was left as it was. A check constraint or domain that these rows do not meet, or an older extension, can be the cause.',
      zh: '目标保持原状。原因可能是这些数据不满足检查约束或域，或扩展版本较旧。',
    },
  },
  RESTORE_TARGET_LOST: {
    category: 'source',
    status: 502,
    retryable: true,
    message: { en: 'The connection to {target} was lost during the restore: {reason}', zh: '恢复期间与 {target} 的连接中断：{reason}' },
    hint: {
      en: 'The restore did not finish; the target’s previous content is unharmed. Run the same command again.',
      zh: '恢复未完成；目标原有内容未受影响。请重新运行同一命令。',
    },
  },
  RESTORE_TARGET_REFUSED: {
    category: 'source',
    status: 502,
    retryable: false,
    message: { en: 'The server refused during the restore into {target}: {reason}', zh: '恢复到 {target} 时服务器拒绝：{reason}' },
    hint: {
      en: 'The restore did not finish; the target’s previous content is unharmed. Remove the cause and run the same command again.',
      zh: '恢复未完成；目标原有内容未受影响。请排除原因后重新运行同一命令。',
    },
  },
});

/** The failure of a statement on the target as people and retries see it. `target` is an address without credentials. */
export function targetError(error: unknown, target: string): Error {
  if (error instanceof HoldfastError) return error;
  const values = { target, reason: reasonOf(error) };
  return isConnectionLoss(error)
    ? restoreErrors.RESTORE_TARGET_LOST(values, { cause: error })
    : restoreErrors.RESTORE_TARGET_REFUSED(values, { cause: error });
}
