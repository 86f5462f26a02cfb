import { defineErrorFamily } from '../../../src/operations/errors.ts';

/** What can go wrong with an SQLite file, beyond sourceErrors. `source` and `target` are addresses. */
export const sqliteErrors = defineErrorFamily({
  SQLITE_FILE_MISSING: {
    category: 'source',
    status: 404,
    retryable: false,
    message: { en: 'There is no database file {source}', zh: '数据库文件 {source} 不存在' },
    hint: { en: 'Check the path, and that the volume is mounted.', zh: '请检查路径，并确认存储卷已挂载。' },
  },
  SQLITE_NOT_A_DATABASE: {
    category: 'source',
    status: 422,
    retryable: false,
    message: { en: '{source} is not an SQLite database: {reason}', zh: '{source} 不是 SQLite 数据库：{reason}' },
    hint: {
      en: 'Check the path. An encrypted database (SQLCipher and the like) cannot be read without its own library.',
      zh: '请检查路径。加密数据库（如 SQLCipher）离开其专用库无法读取。',
    },
  },
  SQLITE_FILE_REFUSED: {
    category: 'source',
    status: 502,
    retryable: false,
    message: { en: 'The database file {source} cannot be opened: {reason}', zh: '无法打开数据库文件 {source}：{reason}' },
    hint: {
      en: 'Give the user that runs this command permission to read the file and to enter its directory.',
      zh: '请授予运行此命令的用户读取该文件及进入其目录的权限。',
    },
  },
  SQLITE_WAL_NOT_WRITABLE: {
    category: 'source',
    status: 502,
    retryable: false,
    message: {
      en: 'The database {source} is in WAL mode, and {file} cannot be written: readers of such a database share locks through it',
      zh: '数据库 {source} 处于 WAL 模式，但 {file} 不可写：此类数据库的读者需要通过它共享锁',
    },
    hint: {
      en: 'Mount the volume writable and let the user write there, or set `PRAGMA journal_mode=DELETE` where the database is used.',
      zh: '请以可写方式挂载存储卷并授予写权限，或在使用该数据库处设置 `PRAGMA journal_mode=DELETE`。',
    },
  },
  SQLITE_ROLLBACK_NEEDED: {
    category: 'source',
    status: 502,
    retryable: false,
    message: {
      en: 'The database {source} holds half of a transaction whose writer died, and undoing it failed: {reason}',
      zh: '数据库 {source} 含有写入进程中途退出留下的半个事务，且回滚失败：{reason}',
    },
    hint: {
      en: 'Let the user that runs this command write to the file and its directory, or open the database once with its own application.',
      zh: '请授予运行此命令的用户写入该文件及其目录的权限，或先用其应用程序打开一次该数据库。',
    },
  },
  SQLITE_LOCKED: {
    category: 'busy',
    status: 503,
    retryable: true,
    message: { en: 'The database {source} is locked by another program; waited {seconds} s', zh: '数据库 {source} 被其他程序锁定；已等待 {seconds} 秒' },
    hint: {
      en: 'Run the same command again later. A program in `locking_mode=EXCLUSIVE` must be stopped first.',
      zh: '请稍后重新运行同一命令。使用 `locking_mode=EXCLUSIVE` 的程序须先停止。',
    },
  },
  SQLITE_DAMAGED: {
    category: 'integrity',
    status: 500,
    retryable: false,
    message: { en: 'The database {source} is damaged: {reason}', zh: '数据库 {source} 已损坏：{reason}' },
    hint: {
      en: 'No backup was recorded. Run `PRAGMA integrity_check` on it, and restore the last good backup beside it.',
      zh: '未记录任何备份。请对其运行 `PRAGMA integrity_check`，并将最近的完好备份恢复到旁边。',
    },
  },
  SQLITE_CHANGED_UNDERNEATH: {
    category: 'source',
    status: 502,
    retryable: true,
    message: { en: 'The database {source} was changed while it was locked for reading: {reason}', zh: '数据库 {source} 在读锁期间被更改：{reason}' },
    hint: {
      en: 'No backup was recorded. Something writes to the file or replaces it without SQLite’s locks: a copy or sync program, or a network file system without locks.',
      zh: '未记录任何备份。有程序绕过 SQLite 锁写入或替换该文件：例如复制或同步程序，或不支持锁的网络文件系统。',
    },
  },
  BACKUP_NOT_READABLE: {
    category: 'integrity',
    status: 500,
    retryable: false,
    message: { en: 'The manifest of this SQLite backup has unexpected {reason}', zh: '此 SQLite 备份的清单中 {reason} 不符合预期' },
    hint: { en: 'It may be from a newer version of Holdfast: use that one.', zh: '它可能来自更新版本的 Holdfast：请使用该版本。' },
  },
  RESTORE_TARGET_IN_USE: {
    category: 'safety',
    status: 409,
    retryable: false,
    message: { en: 'The restore target {target} is in use: {reason}', zh: '恢复目标 {target} 正在使用：{reason}' },
    hint: { en: 'Stop the program that has it open, or restore to another path.', zh: '请停止打开它的程序，或恢复到其他路径。' },
  },
  RESTORE_TARGET_UNFINISHED: {
    category: 'safety',
    status: 409,
    retryable: false,
    message: {
      en: 'Beside the restore target {target} lies {file}, which may hold transactions that are not yet in the database',
      zh: '恢复目标 {target} 旁边存在 {file}，其中可能含有尚未写入数据库的事务',
    },
    hint: {
      en: 'Open the database once with sqlite3, run `PRAGMA wal_checkpoint(TRUNCATE);` and close it; or move that file away.',
      zh: '请用 sqlite3 打开一次该数据库，运行 `PRAGMA wal_checkpoint(TRUNCATE);` 后关闭；或将该文件移走。',
    },
  },
  RESTORE_SPACE_MISSING: {
    category: 'source',
    status: 507,
    retryable: false,
    message: { en: 'There is no space for {target}: {needed} bytes needed, {free} free', zh: '{target} 空间不足：需要 {needed} 字节，可用 {free} 字节' },
    hint: {
      en: 'Free or add space, or restore to another volume. The target was left as it was.',
      zh: '请释放或增加空间，或恢复到其他存储卷。目标保持原状。',
    },
  },
  RESTORE_WRITE_FAILED: {
    category: 'source',
    status: 502,
    retryable: false,
    message: { en: 'The restore into {target} failed to {operation}: {reason}', zh: '恢复到 {target} 时执行 {operation} 失败：{reason}' },
    hint: {
      en: 'Check that the directory exists and that the user may write there. The target was left as it was.',
      zh: '请确认目录存在且用户有写权限。目标保持原状。',
    },
  },
});
