import type { Client } from 'pg';
import { quoteIdentifier } from '../quoting.ts';

/** What lies in no schema, and how each is dropped. */
const kinds: readonly { readonly names: string; readonly drop: (name: string) => string }[] = [
  { names: 'SELECT evtname FROM pg_catalog.pg_event_trigger', drop: (name) => `DROP EVENT TRIGGER ${name}` },
  { names: 'SELECT pubname FROM pg_catalog.pg_publication', drop: (name) => `DROP PUBLICATION ${name}` },
  { names: "SELECT extname FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql'", drop: (name) => `DROP EXTENSION IF EXISTS ${name} CASCADE` },
  { names: 'SELECT fdwname FROM pg_catalog.pg_foreign_data_wrapper', drop: (name) => `DROP FOREIGN DATA WRAPPER IF EXISTS ${name} CASCADE` },
  {
    names: "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'",
    drop: (name) => `DROP SCHEMA IF EXISTS ${name} CASCADE`,
  },
  { names: 'SELECT lanname FROM pg_catalog.pg_language WHERE oid >= 16384', drop: (name) => `DROP LANGUAGE IF EXISTS ${name} CASCADE` },
  { names: 'SELECT amname FROM pg_catalog.pg_am WHERE oid >= 16384', drop: (name) => `DROP ACCESS METHOD IF EXISTS ${name} CASCADE` },
];

/**
 * Drops everything in a database that was empty before: what an unfinished restore made. The schema `public` is made
 * anew as servers make it. One transaction.
 */
export async function emptyDatabase(client: Client): Promise<void> {
  await client.query('BEGIN');
  await dropSubscriptions(client);
  for (const { names, drop } of kinds) {
    const { rows } = await client.query<string[]>({ text: names, rowMode: 'array' });
    for (const [name = ''] of rows) await client.query(drop(quoteIdentifier(name)));
  }
  await client.query('SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata');
  await client.query(`CREATE SCHEMA public; COMMENT ON SCHEMA public IS 'standard public schema'; GRANT USAGE ON SCHEMA public TO PUBLIC`);
  await client.query(
    `DO $do$ BEGIN
       IF pg_catalog.current_setting('server_version_num')::int >= 150000 THEN ALTER SCHEMA public OWNER TO pg_database_owner;
       ELSE GRANT CREATE ON SCHEMA public TO PUBLIC; END IF;
     END $do$`,
  );
  await client.query('COMMIT');
}

/** Drops the subscriptions of the client's database and leaves the other server's slots as they are. */
export async function dropSubscriptions(client: Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT subname::text AS name FROM pg_catalog.pg_subscription WHERE subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())',
  );
  for (const { name } of rows) {
    const quoted = quoteIdentifier(name);
    await client.query(`ALTER SUBSCRIPTION ${quoted} DISABLE; ALTER SUBSCRIPTION ${quoted} SET (slot_name = NONE); DROP SUBSCRIPTION ${quoted}`);
  }
}
