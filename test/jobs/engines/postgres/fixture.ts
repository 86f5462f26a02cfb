import { readFile } from 'node:fs/promises';
import { Client, escapeIdentifier } from 'pg';
import { createPostgresEngine } from '../../../../jobs/engines/postgres/engine.ts';
import type { BackupOptions, Engine, EngineContext, RestoreOptions } from '../../../../jobs/engines/engine.ts';
import type { ManifestBody } from '../../../../src/repository/manifest/manifest.ts';
import { codeOf } from '../../../../src/operations/errors.ts';
import { createLogger } from '../../../../src/operations/logging.ts';
import { query, service } from '../../../services/database.ts';
import { bodyOf, createMemoryParts, type MemoryParts } from '../memory-parts.ts';

export const postgresEngine: Engine = createPostgresEngine({
  environment: process.env,
  programFolders: [service('TEST_POSTGRES_BIN_15'), service('TEST_POSTGRES_BIN_18'), service('TEST_POSTGRES_SERVER_BIN_18')].join(':'),
});

export function engineContext(signal: AbortSignal = new AbortController().signal): EngineContext {
  return { signal, log: createLogger({ level: 'silent', name: 'test' }), progress: { phase: () => {}, advance: () => {} } };
}

export const restoreOptions: RestoreOptions = { dryRun: false, overwrite: false, swap: false, endSessions: false, skipOwners: false, connections: 2 };

/** The text of one of the sample databases in `sample/`. */
export async function sample(name: 'every-kind' | 'shop' | 'extensions'): Promise<string> {
  return readFile(new URL(`sample/${name}.sql`, import.meta.url), 'utf8');
}

export interface TakenBackup {
  readonly body: ManifestBody;
  readonly parts: MemoryParts;
}

/** Backs a database up into memory. */
export async function takeBackup(source: string, options: Partial<BackupOptions> = {}): Promise<TakenBackup> {
  const parts = createMemoryParts();
  const content = await postgresEngine.backup(engineContext(), { source, sink: parts, options: { connections: 2, globals: false, rolePasswords: false, ...options } });
  return { body: bodyOf('postgres', content), parts };
}

/** The address of another database on the same server. */
export function beside(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${encodeURIComponent(database)}`;
  return other.href;
}

/** Runs a statement in a database of any name: connection strings of the driver cannot say all of them. */
export async function queryIn(server: string, database: string, sql: string, parameters: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
  const { hostname, port, username, password } = new URL(server);
  const client = new Client({ host: hostname, port: Number(port), user: decodeURIComponent(username), password: decodeURIComponent(password), database });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql, [...parameters]);
    return rows;
  } finally {
    await client.end();
  }
}

/** Names of the databases on a server that start like this. */
export async function databasesLike(server: string, prefix: string): Promise<string[]> {
  const rows = await query(server, 'SELECT datname::text AS name FROM pg_catalog.pg_database WHERE starts_with(datname::text, $1) ORDER BY 1', [prefix]);
  return rows.map(({ name }) => String(name));
}

/** Drops every database on the server whose name starts like this, with the subscriptions that would keep it. */
export async function dropDatabasesLike(server: string, prefix: string): Promise<void> {
  for (const name of await databasesLike(server, prefix)) {
    try {
      await dropSubscriptions(server, name);
    } catch (error) {
      // What a killed restore left is dropped by any other restore on the server: another test's, just now.
      if (codeOf(error) !== '3D000') throw error;
    }
    await query(server, `DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`);
  }
}

async function dropSubscriptions(server: string, database: string): Promise<void> {
  const subscriptions = await queryIn(server, database, 'SELECT subname::text AS name FROM pg_catalog.pg_subscription JOIN pg_catalog.pg_database AS d ON d.oid = subdbid WHERE datname = current_database()');
  for (const { name } of subscriptions) {
    await queryIn(server, database, `ALTER SUBSCRIPTION ${escapeIdentifier(String(name))} SET (slot_name = NONE)`);
    await queryIn(server, database, `DROP SUBSCRIPTION ${escapeIdentifier(String(name))}`);
  }
}
