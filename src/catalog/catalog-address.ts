import { isAbsolute } from 'node:path';

import type { Text } from '../operations/text.ts';
import { catalogErrors } from './catalog-errors.ts';

export interface SqliteAddress {
  readonly kind: 'sqlite';
  /** Absolute path of the file. */
  readonly file: string;
}

export interface PostgresAddress {
  readonly kind: 'postgres';
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** As libpq's: `require` encrypts without verifying whom it talks to. */
  readonly sslMode: 'disable' | 'require' | 'verify-full';
  /** Path of the certificates (PEM) that `verify-full` trusts; without it the system's. */
  readonly sslRootCert?: string;
}

export type CatalogAddress = SqliteAddress | PostgresAddress;

const sslModes: readonly string[] = ['disable', 'require', 'verify-full'];

/**
 * Reads `sqlite:///path/of/file` or `postgres://user:password@host:5432/database?sslmode=…&sslrootcert=…`. `password`
 * takes the place of one in the address. Throws CATALOG_ADDRESS_INVALID, which shows nothing of the address.
 */
export function parseCatalogAddress(text: string, password?: string): CatalogAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'sqlite:') return parseSqlite(url);
  if (url?.protocol === 'postgres:' || url?.protocol === 'postgresql:') return parsePostgres(url, password);
  throw invalid({ en: 'it begins with neither sqlite:/// nor postgres://', zh: '既不以 sqlite:/// 也不以 postgres:// 开头' });
}

function parseSqlite(url: URL): SqliteAddress {
  const file = decode(url.pathname);
  if (url.host !== '' || url.search !== '' || !isAbsolute(file) || file.endsWith('/') || file.includes('\0')) {
    throw invalid({ en: 'after sqlite:// comes the absolute path of a file', zh: 'sqlite:// 之后应为文件的绝对路径' });
  }
  return { kind: 'sqlite', file };
}

function parsePostgres(url: URL, password: string | undefined): PostgresAddress {
  const database = decode(url.pathname.slice(1));
  const user = decode(url.username);
  if (url.hostname === '' || user === '' || database === '') {
    throw invalid({ en: 'user, host or database is missing', zh: '缺少用户、主机或数据库' });
  }
  for (const name of url.searchParams.keys()) {
    if (name !== 'sslmode' && name !== 'sslrootcert') throw invalid({ en: 'only sslmode and sslrootcert may follow the question mark', zh: '问号之后只能使用 sslmode 和 sslrootcert' });
  }
  const sslMode = url.searchParams.get('sslmode') ?? 'disable';
  const sslRootCert = url.searchParams.get('sslrootcert');
  if (!sslModes.includes(sslMode)) throw invalid({ en: 'sslmode is none of disable, require, verify-full', zh: 'sslmode 只能是 disable、require 或 verify-full' });
  return {
    kind: 'postgres',
    // Node takes an IPv6 address without its brackets.
    host: decode(url.hostname).replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 5432 : Number(url.port),
    user,
    password: password ?? decode(url.password),
    database,
    sslMode: sslMode as PostgresAddress['sslMode'],
    ...(sslRootCert !== null && { sslRootCert }),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid({ en: 'a percent sign is not followed by two hexadecimal digits', zh: '百分号之后不是两位十六进制数字' });
  }
}

function invalid(reason: Text) {
  return catalogErrors.CATALOG_ADDRESS_INVALID({ reason });
}
