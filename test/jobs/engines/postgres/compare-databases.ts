import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, escapeIdentifier } from 'pg';

const run = promisify(execFile);

/** All that two equal databases have in common, as text: definitions, each table's rows, sequences, large objects. */
export interface DatabaseContent {
  /** pg_dump's plain definitions, without what differs from run to run. */
  readonly definitions: string;
  /** Quoted name → number of rows and a hash that does not depend on their order. Partitions count with their table. */
  readonly tables: Readonly<Record<string, string>>;
  readonly sequences: Readonly<Record<string, string>>;
  readonly largeObjects: readonly unknown[];
  /** Owner, settings, grants and so on of the database itself. */
  readonly properties: unknown;
}

/** Reads everything that makes a database what it is; `programs` is a folder of client programs not older than the server. */
export async function readDatabase(url: string, programs: string): Promise<DatabaseContent> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    // Settings of the database itself must not change how its values are written.
    await client.query("SELECT pg_catalog.set_config('search_path', '', false), pg_catalog.set_config('extra_float_digits', '3', false)");
    return {
      definitions: await readDefinitions(url, programs),
      tables: await readTables(client),
      sequences: await readSequences(client),
      largeObjects: await readLargeObjects(client),
      properties: await readProperties(client),
    };
  } finally {
    await client.end();
  }
}

async function readDefinitions(url: string, programs: string): Promise<string> {
  const { stdout } = await run(join(programs, 'pg_dump'), ['--schema-only', '--no-sync', `--dbname=${url}`], { maxBuffer: 256 * 1024 * 1024 });
  return stdout.replace(/^\\(un)?restrict .*$/gm, '').replace(/^-- Dumped .*$/gm, '');
}

async function readTables(client: Client): Promise<Record<string, string>> {
  const { rows: tables } = await client.query<{ schema: string; name: string; only: boolean }>(
    `SELECT n.nspname::text AS schema, c.relname::text AS name, c.relkind = 'r' AS only
     FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE (c.relkind IN ('r', 'p') AND NOT c.relispartition OR c.relkind = 'm' AND c.relispopulated) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
     ORDER BY 1, 2`,
  );
  const contents: Record<string, string> = {};
  for (const { schema, name, only } of tables) {
    const quoted = quote(schema, name);
    const { rows } = await client.query<{ content: string }>(
      `SELECT pg_catalog.count(*) || ' rows, sum of hashes ' || coalesce(pg_catalog.sum(pg_catalog.hashtextextended(compared::text, 0)::numeric), 0) AS content
       FROM ${only ? 'ONLY ' : ''}${quoted} AS compared`,
    );
    contents[quoted] = String(rows[0]?.content);
  }
  return contents;
}

async function readSequences(client: Client): Promise<Record<string, string>> {
  const { rows: sequences } = await client.query<{ schema: string; name: string }>(
    `SELECT n.nspname::text AS schema, c.relname::text AS name FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind = 'S' ORDER BY 1, 2`,
  );
  const contents: Record<string, string> = {};
  for (const { schema, name } of sequences) {
    const { rows } = await client.query<{ content: string }>(`SELECT last_value || ' ' || is_called AS content FROM ${quote(schema, name)}`);
    contents[quote(schema, name)] = String(rows[0]?.content);
  }
  return contents;
}

async function readLargeObjects(client: Client): Promise<unknown[]> {
  const { rows } = await client.query(
    `SELECT m.oid::text, pg_catalog.pg_get_userbyid(lomowner) AS owner, m.lomacl::text AS acl, pg_catalog.md5(pg_catalog.lo_get(m.oid)) AS content,
            pg_catalog.obj_description(m.oid, 'pg_largeobject') AS comment
     FROM pg_catalog.pg_largeobject_metadata AS m ORDER BY m.oid`,
  );
  return rows;
}

async function readProperties(client: Client): Promise<unknown> {
  const { rows } = await client.query(
    `SELECT pg_catalog.pg_get_userbyid(datdba) AS owner, pg_catalog.pg_encoding_to_char(encoding) AS encoding, datcollate, datctype, datlocprovider, datconnlimit,
            ARRAY(SELECT item::text FROM pg_catalog.unnest(datacl) AS item ORDER BY 1) AS acl, pg_catalog.shobj_description(d.oid, 'pg_database') AS comment,
            ARRAY(SELECT setrole::pg_catalog.regrole::text || ' ' || setconfig::text FROM pg_catalog.pg_db_role_setting WHERE setdatabase = d.oid ORDER BY 1) AS settings
     FROM pg_catalog.pg_database AS d WHERE datname = pg_catalog.current_database()`,
  );
  return rows[0];
}

function quote(schema: string, name: string): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
}
