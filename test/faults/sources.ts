import { createHash, randomBytes } from 'node:crypto';
import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { escapeIdentifier } from 'pg';
import type { EngineKind } from '../../src/repository/manifest/manifest.ts';
import { readDatabase } from '../jobs/engines/postgres/compare-databases.ts';
import { createDatabase, query, service } from '../services/database.ts';
import type { Dice } from './dice.ts';

/** A small real database to back up, restore and compare. */
export interface Source {
  readonly engine: EngineKind;
  /** Its name in the repository. */
  readonly name: string;
  readonly address: string;
  /** Changes some rows, adds some, in one transaction. */
  change(dice: Dice): Promise<void>;
  /** A hash of all that makes its content: definitions, rows, sequences. */
  content(): Promise<string>;
  /** The address of a database that is not there yet, and what there is at it later. */
  target(): Target;
  drop(): Promise<void>;
}

export interface Target {
  readonly address: string;
  /** Names of what is there: the database itself, and what a restore makes beside it on its way. */
  traces(): Promise<string[]>;
  content(): Promise<string>;
  drop(): Promise<void>;
}

/**
 * Some megabytes of a bank: accounts whose balances sum to zero with the vault's, entries in a partition tree, jsonb and bytea.
 * `marks` holds the number of the last transaction, as each table saw it: a state that is not one moment's shows.
 */
export const ledgerSql = `
  CREATE TABLE accounts (id int PRIMARY KEY, owner text NOT NULL, balance bigint NOT NULL, profile jsonb NOT NULL);
  CREATE TABLE vault (id int PRIMARY KEY, balance bigint NOT NULL);
  CREATE TABLE entries (id bigint GENERATED ALWAYS AS IDENTITY, account int NOT NULL, amount bigint NOT NULL, note text) PARTITION BY RANGE (account);
  CREATE TABLE entries_low PARTITION OF entries FOR VALUES FROM (0) TO (2000);
  CREATE TABLE entries_middle PARTITION OF entries FOR VALUES FROM (2000) TO (4000);
  CREATE TABLE entries_high PARTITION OF entries FOR VALUES FROM (4000) TO (1000000);
  CREATE TABLE pictures (id int PRIMARY KEY, content bytea NOT NULL);
  CREATE TABLE marks (name text PRIMARY KEY, step int NOT NULL);
  CREATE VIEW total AS SELECT (SELECT sum(balance) FROM accounts) + (SELECT sum(balance) FROM vault) AS sum;
  INSERT INTO accounts SELECT i, 'owner ' || md5(i::text), i % 1000, jsonb_build_object('city', md5((i % 7)::text), 'tags', jsonb_build_array(i, md5(i::text))) FROM generate_series(1, 6000) i;
  INSERT INTO vault SELECT 1, -sum(balance) FROM accounts;
  INSERT INTO entries (account, amount, note) SELECT i % 6000, i % 97, md5(i::text) FROM generate_series(1, 15000) i;
  INSERT INTO pictures SELECT i, decode(string_agg(md5((i * 1000 + n)::text), ''), 'hex') FROM generate_series(1, 60) i, generate_series(1, 500) n GROUP BY i;
  INSERT INTO marks VALUES ('accounts', 0), ('vault', 0), ('entries', 0);
  CREATE INDEX accounts_owner ON accounts (owner);
  CREATE INDEX entries_account ON entries (account);
  ANALYZE;
`;

const programs = () => service('TEST_POSTGRES_BIN_15');
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A copy of the database `template`, on the same server. */
export async function createLedger(template: string): Promise<Source> {
  const server = service('TEST_DATABASE_URL');
  const database = await createDatabase(server, { template });
  return {
    engine: 'postgres',
    name: 'ledger',
    address: database.url,
    change: async (dice) => {
      const [account, amount, first, salt] = [1 + dice.below(6000), dice.below(10_000), dice.below(5900), dice.below(1_000_000_000)];
      await query(database.url, `BEGIN;
        UPDATE accounts SET balance = balance + ${amount} WHERE id = ${account};
        UPDATE accounts SET owner = 'owner ' || md5('${salt}' || id) WHERE id BETWEEN ${first} AND ${first + 80};
        UPDATE vault SET balance = balance - ${amount};
        INSERT INTO entries (account, amount, note) SELECT (${first} + i) % 6000, ${amount}, md5('${salt}' || 'entry' || i) FROM generate_series(1, 200) i;
        UPDATE marks SET step = step + 1;
        COMMIT`);
    },
    content: async () => sha256(JSON.stringify(await readDatabase(database.url, programs()))),
    target: () => ledgerTarget(server),
    drop: async () => dropDatabasesLike(server, database.name),
  };
}

function ledgerTarget(server: string): Target {
  const name = `restored_${randomBytes(6).toString('hex')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    address: url.href,
    traces: async () => databasesLike(server, name),
    content: async () => sha256(JSON.stringify(await readDatabase(url.href, programs()))),
    drop: async () => dropDatabasesLike(server, name),
  };
}

/** The database itself and those that a restore makes beside it, which begin with its name. */
async function databasesLike(server: string, name: string): Promise<string[]> {
  const rows = await query(server, 'SELECT datname::text AS name FROM pg_database WHERE starts_with(datname::text, $1)', [name]);
  return rows.map((row) => String(row['name']));
}

async function dropDatabasesLike(server: string, name: string): Promise<void> {
  for (const found of await databasesLike(server, name)) await query(server, `DROP DATABASE IF EXISTS ${escapeIdentifier(found)} WITH (FORCE)`);
}

/** Half a megabyte of notes in an SQLite file. */
export const notesSql = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT NOT NULL, text TEXT, picture BLOB);
  CREATE INDEX notes_title ON notes (title);
  WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < 1500)
  INSERT INTO notes SELECT i, 'note ' || i, hex(drawn(100)), drawn(i % 200) FROM numbers;
`;

/** A copy of the database file `template` in the folder. */
export function createNotes(template: string, folder: string): Source {
  const path = join(folder, `notes-${randomBytes(6).toString('hex')}.sqlite`);
  copyFileSync(template, path);
  return {
    engine: 'sqlite',
    name: 'notes',
    address: `sqlite://${path}`,
    change: async (dice) => {
      const first = dice.below(1400);
      execute(path, dice, `BEGIN; UPDATE notes SET text = hex(drawn(100)) WHERE id BETWEEN ${first} AND ${first + 60};
        INSERT INTO notes (title, text) VALUES ('new ${dice.below(1_000_000)}', hex(drawn(200))); COMMIT`);
    },
    content: async () => contentOfFile(path),
    target: () => notesTarget(folder),
    drop: async () => removeBeside(path),
  };
}

function notesTarget(folder: string): Target {
  const path = join(folder, `restored-${randomBytes(6).toString('hex')}.sqlite`);
  return {
    address: `sqlite://${path}`,
    traces: async () => beside(path),
    content: async () => contentOfFile(path),
    drop: async () => removeBeside(path),
  };
}

/** Every file whose name begins like this one's, or like a hidden one of it. */
function beside(path: string): string[] {
  const name = basename(path);
  return readdirSync(dirname(path)).filter((entry) => entry.startsWith(name) || entry.startsWith(`.${name}`));
}

/** In the statements `drawn(n)` gives n bytes that the dice decide: as incompressible as `randomblob(n)`, and the same each time. */
export function execute(path: string, dice: Dice, sql: string): void {
  const database = new DatabaseSync(path);
  try {
    database.function('drawn', (length) => drawBytes(dice, Number(length)));
    database.exec(sql);
  } finally {
    database.close();
  }
}

function drawBytes(dice: Dice, length: number): Buffer {
  return createHash('shake256', { outputLength: Math.max(1, length) }).update(String(dice.share())).digest().subarray(0, length);
}

/** Definitions and rows of a file that is whole; throws where SQLite finds it damaged. */
export function contentOfFile(path: string): string {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const check = database.prepare('PRAGMA integrity_check').all();
    const schema = database.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name").all();
    const rows = database.prepare('SELECT id, title, text, hex(picture) AS picture FROM notes ORDER BY id').all();
    return sha256(JSON.stringify({ check, schema, rows }));
  } finally {
    database.close();
  }
}

function removeBeside(path: string): void {
  for (const name of beside(path)) rmSync(join(dirname(path), name), { recursive: true, force: true });
}
