import { DatabaseError } from 'pg';
import { codeOf, defineErrorFamily, HoldfastError } from '../../../src/operations/errors.ts';
import { sourceErrors } from '../source-errors.ts';

/** What can go wrong with PostgreSQL in particular, besides sourceErrors. */
export const postgresErrors = defineErrorFamily({
  POSTGRES_PROGRAMS_MISSING: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: {
      en: 'PostgreSQL client programs of version {version} or newer are needed; looked in {folders}',
      zh: '需要 {version} 或更高版本的 PostgreSQL 客户端程序；已查找 {folders}',
    },
    hint: {
      en: 'Install the package postgresql-client-{version} (or newer), or name the folder that holds pg_dump by HOLDFAST_POSTGRES_BIN.',
      zh: '请安装软件包 postgresql-client-{version}（或更高版本），或用 HOLDFAST_POSTGRES_BIN 指定 pg_dump 所在目录。',
    },
  },
  POSTGRES_PROGRAM_FAILED: {
    category: 'source',
    status: 502,
    retryable: false,
    message: { en: '{program} failed ({outcome}): {output}', zh: '{program} 执行失败（{outcome}）：{output}' },
    hint: {
      en: 'The lines above are the program’s own words. Remove the cause and run the same command again.',
      zh: '以上为该程序自身的输出。请排除原因后重新运行同一命令。',
    },
  },
  SOURCE_NOT_COVERED: {
    category: 'source',
    status: 502,
    retryable: false,
    message: { en: 'A backup of {source} would not be whole. {problems}', zh: '{source} 的备份将不完整。{problems}' },
    hint: {
      en: 'Nothing was read. `holdfast preflight` lists all that stands in the way of a backup or its restore; docs/guards.md explains each.',
      zh: '未读取任何内容。`holdfast preflight` 会列出妨碍备份或恢复的全部问题；docs/guards.md 有逐项说明。',
    },
  },
  SOURCE_NAMES_UNREADABLE: {
    category: 'source',
    status: 502,
    retryable: false,
    message: { en: 'A name or a comment in {source} is not valid UTF-8: {reason}', zh: '{source} 中有名称或注释不是有效的 UTF-8：{reason}' },
    hint: {
      en: 'The database has the encoding SQL_ASCII, which checks nothing. Rename what has such a name; rows may hold any bytes.',
      zh: '该数据库使用不做检查的 SQL_ASCII 编码。请重命名相应对象；行数据可以是任意字节。',
    },
  },
  SOURCE_BUSY: {
    category: 'busy',
    status: 503,
    retryable: true,
    message: { en: '{source} could not be locked for reading: {reason}', zh: '无法锁定 {source} 以供读取：{reason}' },
    hint: {
      en: 'Another session changes the definition of tables. Nothing was recorded; run the same command when it is done.',
      zh: '另有会话正在更改表定义。未记录任何内容；请待其完成后重新运行同一命令。',
    },
  },
  SOURCE_HOLDS_OTHERS_UP: {
    category: 'busy',
    status: 503,
    retryable: true,
    message: { en: 'The backup of {source} ended because it held others up: {waiter}', zh: '{source} 的备份已结束，因为它使其他会话等待：{waiter}' },
    hint: {
      en: 'No backup was recorded. Run it at another hour than changes of tables, or let it go on by HOLDFAST_LOCK_WAIT_ACTION=warn or a longer HOLDFAST_LOCK_WAIT_LIMIT.',
      zh: '未记录任何备份。请避开更改表定义的时段，或用 HOLDFAST_LOCK_WAIT_ACTION=warn 或更长的 HOLDFAST_LOCK_WAIT_LIMIT 让备份继续。',
    },
  },
  SOURCE_LOCKS_EXHAUSTED: {
    category: 'source',
    status: 502,
    retryable: false,
    message: { en: '{source} has no room for the locks of {count} tables: {reason}', zh: '{source} 没有足够空间容纳 {count} 个表的锁：{reason}' },
    hint: {
      en: 'Raise max_locks_per_transaction on the server (it needs a restart).',
      zh: '请在服务器上调大 max_locks_per_transaction（需要重启）。',
    },
  },
  SOURCE_UNSUPPORTED: {
    category: 'source',
    status: 502,
    retryable: false,
    message: { en: '{source} cannot be backed up: {reason}', zh: '无法备份 {source}：{reason}' },
    hint: {
      en: 'Holdfast needs PostgreSQL 12 or newer and a server that can export snapshots.',
      zh: 'Holdfast 需要 PostgreSQL 12 或更高版本，且服务器能够导出快照。',
    },
  },
  SOURCE_TABLE_FAILED: {
    category: 'source',
    status: 502,
    retryable: false,
    message: { en: 'The table {table} of {source} could not be read: {reason}', zh: '无法读取 {source} 的表 {table}：{reason}' },
    hint: {
      en: 'No backup was recorded. Either a row is longer than PostgreSQL can write as text (1 GB; a bytea doubles in length), which no dump can hold, or its data is damaged: read the table by SQL to find the row.',
      zh: '未记录任何备份。可能是某行的文本形式超过 PostgreSQL 上限（1 GB；bytea 长度会翻倍），任何转储都无法容纳；或其数据已损坏：请用 SQL 读取该表以找到该行。',
    },
  },
  SOURCE_STATEMENT_FAILED: {
    category: 'source',
    status: 502,
    retryable: false,
    message: { en: 'The database {source} did not carry out a statement of the backup: {reason}', zh: '数据库 {source} 未能执行备份所需的语句：{reason}' },
    hint: {
      en: 'No backup was recorded. The message is the server’s own: remove its cause (a limit, a missing permission, a session that somebody cancelled) and run the same command again.',
      zh: '未记录任何备份。以上为服务器自身的消息：请排除原因（限制、权限不足、会话被取消）后重新运行同一命令。',
    },
  },
  DUMP_FAILED: {
    category: 'source',
    status: 502,
    retryable: false,
    message: { en: 'The definitions of {source} could not be read: {reason}', zh: '无法读取 {source} 的定义：{reason}' },
    hint: {
      en: 'No backup was recorded. The message is pg_dump’s own; remove its cause and run the same command again.',
      zh: '未记录任何备份。以上为 pg_dump 自身的消息；请排除原因后重新运行同一命令。',
    },
  },
});

const networkCodes = new Set([
  'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EHOSTDOWN', 'ECONNRESET', 'EPIPE', 'ENOENT',
]);

/** The server's SQLSTATE, where the error is the server's. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined;
}

/** The failure to open a connection as people and retries see it. `source` is an address without credentials. */
export function connectError(error: unknown, source: string): Error {
  if (error instanceof HoldfastError) return error;
  const state = sqlStateOf(error);
  const reason = reasonOf(error);
  const code = codeOf(error);
  const passes = state === undefined ? code === undefined || networkCodes.has(code) : isUnavailable(state) || state === '53300';
  return passes
    ? sourceErrors.SOURCE_UNREACHABLE({ source, reason }, { cause: error })
    : sourceErrors.SOURCE_REFUSED({ source, reason }, { cause: error });
}

/**
 * The failure of a statement as people and retries see it: a lost connection (no SQLSTATE, or one of those with which a
 * server ends sessions) is SOURCE_LOST; else SOURCE_STATEMENT_FAILED.
 */
export function statementError(error: unknown, source: string): Error {
  if (error instanceof HoldfastError) return error;
  const reason = reasonOf(error);
  return isConnectionLoss(error)
    ? sourceErrors.SOURCE_LOST({ source, reason }, { cause: error })
    : postgresErrors.SOURCE_STATEMENT_FAILED({ source, reason }, { cause: error });
}

/** Whether a statement failed because its connection ended, not because the server refused it. */
export function isConnectionLoss(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === undefined || isUnavailable(state);
}

/** Whether a connection failed because its database does not exist: also behind the error that people see. */
export function isMissingDatabase(error: unknown): boolean {
  return (sqlStateOf(error) ?? (error instanceof Error ? sqlStateOf(error.cause) : undefined)) === '3D000';
}

/** Connection exceptions, and a server that shuts down, crashed, starts, or ended this session. */
function isUnavailable(state: string): boolean {
  return state.startsWith('08') || state === '57P01' || state === '57P02' || state === '57P03' || state === '57P05' || state === '25P03';
}

/** The server's own words with its SQLSTATE, or the system's error code and words. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return [...new Set(error.errors.map(reasonOf))].join('; ');
  const message = error instanceof Error ? error.message : String(error);
  const state = sqlStateOf(error);
  return state === undefined ? message : `${message} (SQLSTATE ${state})`;
}

/** Whether a lock was not to be had in time, or the server ended a deadlock at our cost: the statement may be tried again. */
export function isLockFailure(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === '55P03' || state === '40P01';
}
