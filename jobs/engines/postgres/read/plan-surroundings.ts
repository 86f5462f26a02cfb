import type { Client } from 'pg';
import { postgresErrors } from '../postgres-errors.ts';
import type { PlanSurroundings } from './table-plan.ts';

const oldestVersion = 120_000;

/** What reading depends on of server and database. Throws SOURCE_UNSUPPORTED for a server that is too old. */
export async function readSurroundings(client: Client, source: string): Promise<PlanSurroundings> {
  const { rows } = await client.query<Record<'version' | 'block_size' | 'encoding', string>>(
    `SELECT pg_catalog.current_setting('server_version_num') AS version, pg_catalog.current_setting('block_size') AS block_size,
            pg_catalog.current_setting('server_encoding') AS encoding`,
  );
  const row = rows[0];
  const serverVersion = Number(row?.version);
  if (row === undefined || !(serverVersion >= oldestVersion)) throw postgresErrors.SOURCE_UNSUPPORTED({ source, reason: `its version is ${row?.version}` });
  return { serverVersion, encoding: row.encoding, blockSize: Number(row.block_size) };
}
