import { pathToFileURL } from 'node:url';
import type { DatabaseSync } from 'node:sqlite';
import { connect, isDamage, isMissingFeature } from '../read/connection.ts';
import { readSchema } from '../read/schema.ts';

export interface CheckResult {
  readonly schemaFingerprint: string;
  /** Rows of all ordinary tables, 0 where there are findings. */
  readonly rows: number;
  /** What `PRAGMA integrity_check` found, at most 20 lines; empty for a sound database. */
  readonly findings: readonly string[];
  /** Rows whose foreign key leads nowhere. */
  readonly orphans: number;
  /** Tables that cannot be checked here: they need an application's function, collation or module. */
  readonly unchecked: readonly string[];
}

const findingsAtMost = 20;

/**
 * Checks a database file that nobody else has open: locks nothing, writes nothing beside it, and reads it through
 * once or twice. It holds up its thread all that time: call it in a process of its own.
 */
export function checkDatabase(path: string): CheckResult {
  const location = pathToFileURL(path);
  location.searchParams.set('immutable', '1');
  const database = connect(location, 'read');
  try {
    const schema = readSchema(database);
    const { findings, unchecked } = checkIntegrity(database);
    const sound = findings.length === 0;
    return {
      schemaFingerprint: schema.fingerprint,
      findings,
      unchecked,
      rows: sound ? countRows(database) : 0,
      orphans: sound ? countOrphans(database) : 0,
    };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { schemaFingerprint: '', rows: 0, findings: [(error as Error).message], orphans: 0, unchecked: [] };
  } finally {
    database.close();
  }
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

type Integrity = Pick<CheckResult, 'findings' | 'unchecked'>;

/** The whole file in one go; table by table where that cannot be because one of them needs what is not here. */
function checkIntegrity(database: DatabaseSync): Integrity {
  try {
    return { findings: findingsOf(database, `${findingsAtMost}`), unchecked: [] };
  } catch (error) {
    if (!isMissingFeature(error)) throw error;
  }
  const findings: string[] = [];
  const unchecked: string[] = [];
  for (const { name } of listTables(database)) {
    try {
      findings.push(...findingsOf(database, quote(name)));
    } catch (error) {
      if (!isMissingFeature(error)) throw error;
      unchecked.push(name);
    }
  }
  return { findings: findings.slice(0, findingsAtMost), unchecked };
}

function findingsOf(database: DatabaseSync, argument: string): string[] {
  const lines = database.prepare(`PRAGMA integrity_check(${argument})`).all().map((row) => String(row['integrity_check']));
  return lines.length === 1 && lines[0] === 'ok' ? [] : lines;
}

function listTables(database: DatabaseSync): { name: string; type: string }[] {
  return database
    .prepare("SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND type <> 'view' ORDER BY name")
    .all()
    .map((row) => ({ name: String(row['name']), type: String(row['type']) }));
}

function countRows(database: DatabaseSync): number {
  let rows = 0;
  for (const { name, type } of listTables(database)) {
    if (type !== 'table' || name.startsWith('sqlite_')) continue;
    rows += Number(database.prepare(`SELECT count(*) AS rows FROM ${quote(name)}`).get()?.['rows']);
  }
  return rows;
}

/** A foreign key that names a column which is no key, or a virtual table, cannot be checked and is no orphan. */
function countOrphans(database: DatabaseSync): number {
  try {
    return Number(database.prepare('SELECT count(*) AS orphans FROM pragma_foreign_key_check').get()?.['orphans']);
  } catch (error) {
    if (isMissingFeature(error)) return 0;
    throw error;
  }
}
