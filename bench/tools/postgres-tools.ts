import { join } from 'node:path';
import { parsePostgresAddress, toLibpqEnvironment } from '../../jobs/engines/postgres/connect/address.ts';
import { type ClientPrograms, findClientPrograms } from '../../jobs/engines/postgres/connect/client-programs.ts';
import { clientPrograms18 } from '../../test/services/postgresql-client-18.ts';
import { query } from '../shop/connection.ts';

/** The programs that Holdfast is compared with. */
export interface PostgresTools {
  /** Of the server's version, or the next newer one that is installed. */
  readonly programs: ClientPrograms;
  /** A pg_dump that compresses with zstd: of version 16 or newer. Undefined where there is none. */
  readonly zstdDump?: string;
  /** `15.14` */
  readonly serverVersion: string;
}

const cache = join(import.meta.dirname, '..', '..', '.cache');

/** Finds the programs for a server; those of version 18 are downloaded where they are missing and can be (test/services/README.md). */
export async function findTools(url: string, signal: AbortSignal): Promise<PostgresTools> {
  const [row] = await query(url, "SELECT current_setting('server_version') AS version, current_setting('server_version_num')::integer / 10000 AS major", signal);
  const newest = await clientPrograms18(cache).catch(() => undefined);
  const programs = await findClientPrograms({ majorVersion: Number(row?.['major']), environment: process.env, ...(newest !== undefined && { folders: newest }) });
  const zstdDump = programs.majorVersion >= 16 ? programs.pgDump : newest && join(newest, 'pg_dump');
  return { programs, serverVersion: String(row?.['version']).split(' ')[0] ?? '', ...(zstdDump !== undefined && { zstdDump }) };
}

/** The environment by which these programs reach a database: nothing of it is in their arguments. */
export function toolEnvironment(url: string): Record<string, string> {
  return toLibpqEnvironment(parsePostgresAddress(url), process.env);
}
