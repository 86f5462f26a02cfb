import type { Client } from 'pg';
import type { PostgresDetails } from '../content.ts';
import { dropSubscriptions } from './empty-database.ts';
import { sqlStateOf } from '../postgres-errors.ts';
import { quoteIdentifier, quoteLiteral } from '../quoting.ts';

/**
 * `CREATE DATABASE` for an empty database of the backup's encoding and locale, in the syntax of the server's version
 * (`server_version_num`).
 */
export function createDatabaseStatement(name: string, database: PostgresDetails['database'], options: { readonly serverVersion: number; readonly owner?: string }): string {
  const { serverVersion, owner } = options;
  const clauses = [
    `CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE template0`,
    `ENCODING ${quoteLiteral(database.encoding)}`,
    `LC_COLLATE ${quoteLiteral(database.collate)}`,
    `LC_CTYPE ${quoteLiteral(database.ctype)}`,
    ...(serverVersion >= 150_000 ? providerClauses(database) : []),
    ...(owner === undefined ? [] : [`OWNER ${quoteIdentifier(owner)}`]),
  ];
  return clauses.join(' ');
}

function providerClauses({ localeProvider, locale, icuRules }: PostgresDetails['database']): string[] {
  if (localeProvider === 'c') return ['LOCALE_PROVIDER libc'];
  if (localeProvider === 'b') return ['LOCALE_PROVIDER builtin', `BUILTIN_LOCALE ${quoteLiteral(locale ?? 'C')}`];
  return [
    'LOCALE_PROVIDER icu',
    ...(locale === null ? [] : [`ICU_LOCALE ${quoteLiteral(locale)}`]),
    ...(icuRules === null ? [] : [`ICU_RULES ${quoteLiteral(icuRules)}`]),
  ];
}

/** What a database's comment says while it is being restored: marks what a killed restore leaves. */
const marker = 'Holdfast is restoring this database; its content is not complete. ';

interface RestoreMark {
  /** Name of the database that the content is for. */
  readonly target: string;
  readonly startedAt: string;
  /** The database to which the restore's maintenance connection goes: locks are seen from there only. */
  readonly maintenance: string;
}

/** Writes the mark as the database's comment. */
export async function markRestoring(maintenance: Client, name: string, target: string): Promise<void> {
  const mark: RestoreMark = { target, startedAt: new Date().toISOString(), maintenance: await currentDatabase(maintenance) };
  await maintenance.query(`COMMENT ON DATABASE ${quoteIdentifier(name)} IS ${quoteLiteral(marker + JSON.stringify(mark))}`);
}

async function currentDatabase(client: Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>('SELECT pg_catalog.current_database()::text AS name');
  return String(rows[0]?.name);
}

/** Whether a database's comment is the mark of a restore. */
export function isRestoreMark(comment: string | null): boolean {
  return comment?.startsWith(marker) === true;
}

/**
 * Takes the lock that a restore holds on its database for as long as it lives: false when another one holds it. The
 * lock belongs to the maintenance connection and ends with it.
 */
export async function lockRestoring(maintenance: Client, name: string): Promise<boolean> {
  const { rows } = await maintenance.query<{ locked: boolean }>('SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended($1, 0)) AS locked', [`holdfast restore ${name}`]);
  return rows[0]?.locked === true;
}

async function unlockRestoring(maintenance: Client, name: string): Promise<void> {
  await maintenance.query('SELECT pg_catalog.pg_advisory_unlock(pg_catalog.hashtextextended($1, 0))', [`holdfast restore ${name}`]);
}

/**
 * Databases that killed restores left: they bear the name and the mark of one whose lock this connection would see,
 * nobody holds that lock, nobody is connected.
 * What another user owns is left out.
 */
export async function findLeftovers(maintenance: Client): Promise<string[]> {
  const { rows } = await maintenance.query<{ name: string; comment: string | null }>(
    `SELECT d.datname AS name, pg_catalog.shobj_description(d.oid, 'pg_database') AS comment
     FROM pg_catalog.pg_database AS d
     WHERE d.datname ~ '_restoring_[0-9a-f]{6}$' AND pg_catalog.pg_has_role(d.datdba, 'USAGE')
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity AS a WHERE a.datid = d.oid)
     ORDER BY d.datname`,
  );
  const leftovers: string[] = [];
  const here = `"maintenance":${JSON.stringify(await currentDatabase(maintenance))}}`;
  for (const { name, comment } of rows) {
    if (!isRestoreMark(comment) || comment?.endsWith(here) !== true || !(await lockRestoring(maintenance, name))) continue;
    await unlockRestoring(maintenance, name);
    leftovers.push(name);
  }
  return leftovers;
}

/** Drops leftovers, each under its lock; one that is in use by now stays. */
export async function dropLeftovers(maintenance: Client, names: readonly string[], connectTo: ConnectTo): Promise<void> {
  for (const name of names) {
    if (!(await lockRestoring(maintenance, name))) continue;
    try {
      await dropRestoringDatabase(maintenance, name, connectTo);
    } finally {
      await unlockRestoring(maintenance, name);
    }
  }
}

/** Opens a connection to a database of the target's server. */
export type ConnectTo = (database: string) => Promise<Client>;

/** SQLSTATE object_in_use. */
const objectInUse = '55006';

/**
 * Drops a database that a restore made, whatever is still connected to it. Subscriptions that it restored keep a
 * database from being dropped: they never were enabled, so they go without a word to the other server.
 */
export async function dropRestoringDatabase(maintenance: Client, name: string, connectTo: ConnectTo): Promise<void> {
  try {
    await dropDatabase(maintenance, name);
  } catch (error) {
    if (sqlStateOf(error) !== objectInUse) throw error;
    const client = await connectTo(name);
    try {
      await dropSubscriptions(client);
    } finally {
      await client.end().catch(() => undefined);
    }
    await dropDatabase(maintenance, name);
  }
}

/** Drops a database whatever is still connected to it. */
export async function dropDatabase(maintenance: Client, name: string): Promise<void> {
  await maintenance.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`);
}
