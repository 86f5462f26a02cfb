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
 * server ends sessions) is SOURCE_LOST, what the server refuses is SOURCE_REFUSED.
 */
export function statementError(error: unknown, source: string): Error {
  if (error instanceof HoldfastError) return error;
  const state = sqlStateOf(error);
  const reason = reasonOf(error);
  return state === undefined || isUnavailable(state)
    ? sourceErrors.SOURCE_LOST({ source, reason }, { cause: error })
    : sourceErrors.SOURCE_REFUSED({ source, reason }, { cause: error });
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
