import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { PreflightFinding } from '../../../../jobs/engines/preflight.ts';
import { createDatabase, query, type TestDatabase } from '../../../services/database.ts';
import { createMemoryParts } from '../memory-parts.ts';
import { backUp, servers } from './backup-fixture.ts';
import { beside, dropDatabasesLike, engineContext, postgresEngine, restoreOptions, sample, takeBackup } from './fixture.ts';

const password = 'p4ss:w/rd';

async function inspect(url: string): Promise<PreflightFinding[]> {
  return [...(await postgresEngine.preflight(engineContext(), url)).findings];
}

/** What makes a finding, and what the finding names. Catalogs are written to where nothing else makes a server of tests look so. */
const causes: readonly { readonly code: string; readonly level: string; readonly sql: string; readonly names: RegExp }[] = [
  // First: its beginning waits for every transaction, prepared ones too.
  { code: 'REPLICATION_SLOTS', level: 'info', sql: `SELECT pg_create_logical_replication_slot('DATABASE', 'pgoutput')`, names: /^test_\w+$/ },
  { code: 'UNLOGGED_TABLES', level: 'warning', sql: 'CREATE UNLOGGED TABLE scratch (id int)', names: /^"public"."scratch"$/ },
  {
    code: 'FOREIGN_TABLES',
    level: 'warning',
    sql: `CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER far FOREIGN DATA WRAPPER nowhere; CREATE TABLE measures (id int) PARTITION BY RANGE (id);
          CREATE FOREIGN TABLE elsewhere PARTITION OF measures FOR VALUES FROM (0) TO (10) SERVER far`,
    names: /^"public"."elsewhere"$/,
  },
  { code: 'TABLES_IN_SYSTEM_SCHEMAS', level: 'error', sql: 'CREATE TABLE information_schema.strayed AS SELECT 1 AS id', names: /^information_schema\.strayed$/ },
  { code: 'DEFINITIONS_IN_SYSTEM_SCHEMAS', level: 'warning', sql: `CREATE FUNCTION pg_catalog.strayed() RETURNS int LANGUAGE sql AS 'SELECT 1'`, names: /^strayed\(\)$/ },
  {
    code: 'EXTENSIONS_UNAVAILABLE',
    level: 'warning',
    sql: `SET allow_system_table_mods = on; INSERT INTO pg_extension SELECT 99999, 'vanished', extowner, extnamespace, true, '1.0', NULL, NULL FROM pg_extension WHERE extname = 'plpgsql'`,
    names: /^vanished$/,
  },
  {
    code: 'EXTENSION_TABLES',
    level: 'warning',
    sql: `CREATE TABLE kept_by_extension AS SELECT 1 AS id; ANALYZE kept_by_extension; ALTER EXTENSION plpgsql ADD TABLE kept_by_extension`,
    names: /^public\.kept_by_extension$/,
  },
  { code: 'EXTENSION_VERSIONS', level: 'info', sql: `SET allow_system_table_mods = on; UPDATE pg_extension SET extversion = '0.9' WHERE extname = 'plpgsql'`, names: /^plpgsql 0\.9$/ },
  { code: 'PREPARED_TRANSACTIONS', level: 'warning', sql: `CREATE TABLE two_phases (id int); BEGIN; INSERT INTO two_phases VALUES (1); PREPARE TRANSACTION 'DATABASE'`, names: /^test_\w+ of postgres$/ },
  {
    code: 'COLLATIONS_CHANGED',
    level: 'warning',
    sql: `CREATE COLLATION german (provider = icu, locale = 'de'); CREATE TABLE sorted (word text COLLATE german);
          SET allow_system_table_mods = on; UPDATE pg_collation SET collversion = '1' WHERE collname = 'german'`,
    names: /^public\.german$/,
  },
  {
    code: 'INDEXES_INVALID',
    level: 'warning',
    sql: `CREATE TABLE indexed (id int); CREATE INDEX half_built ON indexed (id); SET allow_system_table_mods = on; UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'half_built'::regclass`,
    names: /^public\.half_built$/,
  },
  {
    // From PostgreSQL 17 on such a view cannot be filled any more, but one that was filled before an upgrade is there.
    code: 'SEARCH_PATH_NEEDED',
    level: 'warning',
    sql: `CREATE TABLE rates AS SELECT 2 AS rate; CREATE FUNCTION rate() RETURNS int STABLE LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT max(rate) FROM rates); END';
          CREATE VIEW rated AS SELECT rate() AS rate; CREATE MATERIALIZED VIEW priced AS SELECT rate FROM rated WITH NO DATA;
          CREATE FUNCTION safe() RETURNS int STABLE LANGUAGE plpgsql SET search_path = public AS 'BEGIN RETURN (SELECT max(rate) FROM rates); END';
          CREATE MATERIALIZED VIEW safely AS SELECT safe(); SET allow_system_table_mods = on; UPDATE pg_class SET relispopulated = true WHERE relname = 'priced'`,
    names: /^public\.rate\(\) names rates \(used by materialized view public\.priced\)$/,
  },
  { code: 'SECRETS_INCLUDED', level: 'info', sql: `CREATE SUBSCRIPTION following CONNECTION 'host=nowhere password=x' PUBLICATION p WITH (connect = false)`, names: /^subscription following$/ },
  { code: 'EVENT_TRIGGERS', level: 'info', sql: `CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER watcher ON ddl_command_end EXECUTE FUNCTION watch()`, names: /^watcher$/ },
  { code: 'TABLESPACES', level: 'info', sql: `SET allow_in_place_tablespaces = on; CREATE TABLESPACE DATABASE LOCATION ''; CREATE TABLE spaced (id int) TABLESPACE DATABASE`, names: /^test_\w+$/ },
  { code: 'SECURITY_LABELS', level: 'info', sql: `SET allow_system_table_mods = on; INSERT INTO pg_seclabel VALUES ('rated'::regclass, 'pg_class'::regclass, 0, 'selinux', 'secret')`, names: /^selinux$/ },
  { code: 'CONSTRAINTS_NOT_VALID', level: 'info', sql: 'ALTER TABLE rates ADD CONSTRAINT small CHECK (rate < 1) NOT VALID', names: /^small on public\.rates$/ },
];

const fill = (table: string, columns: string, values: string) => `INSERT INTO ${table} (${columns}) SELECT ${values} FROM generate_series(1, 10) AS i`;

describe.each(servers)('the preflight of PostgreSQL $version', ({ version, url }) => {
  it('finds nothing in a database of which all can be backed up and restored', async () => {
    const database = await createDatabase(url());
    try {
      await query(database.url, await sample('shop'));
      expect(await postgresEngine.preflight(engineContext(), database.url)).toEqual({ server: expect.stringMatching(new RegExp(`^PostgreSQL ${version}\\b`)), findings: [] });
    } finally {
      await database.drop();
    }
  });

  describe('of a database with everything that there is to find', () => {
    let database: TestDatabase;
    let findings: readonly PreflightFinding[];
    beforeAll(async () => {
      database = await createDatabase(url());
      for (const { sql } of causes) {
        // A connection of its own each: settings end with it, and some statements stand in no transaction block.
        const client = new Client({ connectionString: database.url });
        await client.connect();
        for (const statement of split(sql.replaceAll('DATABASE', database.name))) await client.query(statement);
        await client.end();
      }
      findings = await inspect(database.url);
    });
    afterAll(async () => {
      await query(database.url, `ROLLBACK PREPARED '${database.name}'`);
      await query(database.url, `ALTER SUBSCRIPTION following SET (slot_name = NONE)`);
      await query(database.url, 'DROP SUBSCRIPTION following');
      await query(database.url, `SELECT pg_drop_replication_slot('${database.name}')`);
      await query(database.url, 'DROP TABLE spaced');
      await query(url(), `DROP TABLESPACE ${database.name}`);
      await database.drop();
    });

    it.each(causes)('says $code', ({ code, level, names }) => {
      expect(findings.filter((finding) => finding.code === code)).toEqual([{ code, level, count: 1, names: [expect.stringMatching(names)], message: { en: expect.any(String), zh: expect.any(String) } }]);
    });

    it('says nothing else, and errors first', () => {
      expect(findings.map(({ code }) => code).toSorted()).toEqual(causes.map(({ code }) => code).toSorted());
      expect(findings[0]?.level).toBe('error');
      expect(findings.at(-1)?.level).toBe('info');
      for (const { names, message } of findings) expect(message.en).toContain(names[0]);
    });

    it('keeps a backup from being made, until the error is gone; then the backup carries the warnings', async () => {
      const parts = createMemoryParts();
      await expect(backUp(database.url, parts)).rejects.toMatchObject({ code: 'SOURCE_NOT_COVERED', category: 'source', retryable: false, message: expect.stringContaining('information_schema.strayed') });
      expect(parts.stored.size).toBe(0);
      await query(database.url, 'ALTER TABLE information_schema.strayed SET SCHEMA public');
      // pg_dump does not get on with what was forged.
      await query(database.url, `SET allow_system_table_mods = on; DELETE FROM pg_extension WHERE extname = 'vanished'; DELETE FROM pg_seclabel`);
      const { warnings } = await backUp(database.url, parts);
      const expected = causes.filter(({ level, code }) => level === 'warning' && code !== 'EXTENSIONS_UNAVAILABLE').map(({ code }) => code);
      expect(warnings.map(({ en }) => en).toSorted()).toEqual(findings.filter(({ code }) => expected.includes(code)).map(({ message }) => message.en).toSorted());
    });
  });

  it('tells before a restore that a materialized view will not refresh, and why', async () => {
    const database = await createDatabase(url());
    const target = `${database.name}_restored`;
    try {
      const views = causes.find(({ code }) => code === 'SEARCH_PATH_NEEDED')?.sql ?? '';
      await query(database.url, views);
      const { body, parts } = await takeBackup(database.url);
      const restored = await postgresEngine.restore(engineContext(), { body, parts, target: beside(database.url, target), options: restoreOptions });
      expect(restored.warnings.map(({ en }) => en)).toEqual([expect.stringMatching(/"public"\."priced" could not be refreshed.*"?rates"? does not exist/)]);
      await query(database.url, 'ALTER FUNCTION rate() SET search_path = public');
      expect(await inspect(database.url)).toEqual([]);
    } finally {
      await dropDatabasesLike(url(), target);
      await database.drop();
    }
  });

  it('sees functions of indexes, constraints, domains and generated columns', async () => {
    const database = await createDatabase(url());
    try {
      await query(
        database.url,
        `CREATE TABLE words AS SELECT 'x' AS word;
         CREATE FUNCTION of_index(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT max(word) FROM words); END';
         CREATE FUNCTION of_check(text) RETURNS bool LANGUAGE sql AS 'SELECT count(*) > 0 FROM words';
         CREATE FUNCTION of_domain(text) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN EXISTS (SELECT FROM words); END';
         CREATE FUNCTION of_column(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT of_index($1)';
         CREATE FUNCTION of_nothing(text) RETURNS text LANGUAGE sql AS 'SELECT max(word) FROM words';
         CREATE DOMAIN checked AS text CHECK (of_domain(VALUE));
         CREATE TABLE uses (word text CHECK (of_check(word)), twice text GENERATED ALWAYS AS (of_column(word)) STORED, domained checked);
         CREATE INDEX by_word ON uses (of_index(word))`,
      );
      const [finding] = await inspect(database.url);
      expect(finding?.names).toEqual([
        'public.of_check(text) names words (used by constraint uses_word_check)',
        'public.of_column(text) names of_index (used by column twice of public.uses)',
        'public.of_domain(text) names words (used by constraint checked_check)',
        'public.of_index(text) names words (used by index public.by_word)',
      ]);
    } finally {
      await database.drop();
    }
  });

  it('tells all that a role may not read at once: tables, sequences, schemas, rows, large objects, and what it leaves out', async () => {
    const database = await createDatabase(url());
    const role = `${database.name}_reader`;
    const as = new URL(database.url);
    Object.assign(as, { username: role, password: encodeURIComponent(password) });
    try {
      await query(
        database.url,
        `CREATE TABLE secret (id int); CREATE SEQUENCE hidden; CREATE SCHEMA closed; CREATE TABLE closed.inside (id int); CREATE TABLE tenants (id int);
         ALTER TABLE tenants ENABLE ROW LEVEL SECURITY; SELECT lo_create(4711), lo_create(4712);
         CREATE FOREIGN DATA WRAPPER nowhere; CREATE SERVER far FOREIGN DATA WRAPPER nowhere;
         CREATE ROLE ${role} LOGIN PASSWORD '${password}'; GRANT SELECT ON tenants, closed.inside TO ${role}; GRANT SELECT ON LARGE OBJECT 4712 TO ${role};
         CREATE USER MAPPING FOR postgres SERVER far OPTIONS (password 'x')`,
      );
      await query(database.url, `CREATE SUBSCRIPTION following CONNECTION 'host=nowhere' PUBLICATION p WITH (connect = false)`);
      const byCode = Object.fromEntries((await inspect(as.href)).map(({ code, names, level }) => [code, { level, names }]));
      expect(byCode).toEqual({
        TABLES_UNREADABLE: { level: 'error', names: ['"closed"."inside"', '"public"."hidden"', '"public"."secret"'] },
        ROW_SECURITY: { level: 'error', names: ['"public"."tenants"'] },
        LARGE_OBJECTS_UNREADABLE: { level: 'error', names: ['4711'] },
        SUBSCRIPTIONS_LEFT_OUT: { level: 'warning', names: ['following'] },
        USER_MAPPINGS_HIDDEN: { level: 'warning', names: ['postgres on far'] },
      });
      const refusal = await backUp(as.href, createMemoryParts()).catch((error: Error) => error.message);
      expect(refusal).toMatch(/"closed"\."inside", "public"\."hidden", "public"\."secret".*"public"\."tenants".*4711/s);
      // What the preflight asks for is enough.
      await query(database.url, `GRANT pg_read_all_data TO ${role}; ALTER ROLE ${role} BYPASSRLS; GRANT SELECT ON LARGE OBJECT 4711 TO ${role}`);
      expect((await inspect(as.href)).filter(({ level }) => level === 'error')).toEqual([]);
      expect((await backUp(as.href, createMemoryParts())).warnings).toHaveLength(2);
    } finally {
      await query(database.url, 'ALTER SUBSCRIPTION following SET (slot_name = NONE)');
      await query(database.url, 'DROP SUBSCRIPTION following');
      await query(database.url, `DROP OWNED BY ${role}`);
      await query(url(), `DROP ROLE ${role}`);
      await database.drop();
    }
  });

  it('passes tables over whose columns out of line are dropped or generated: no COPY writes those', async () => {
    const database = await createDatabase(url());
    try {
      await query(
        database.url,
        `CREATE TABLE dropped (id int, doc text); ALTER TABLE dropped ALTER COLUMN doc SET STORAGE EXTERNAL;
         ${fill('dropped', 'id, doc', "i, repeat(md5(i::text), 10000)")}; ALTER TABLE dropped DROP COLUMN doc;
         CREATE TABLE derived (id int, doc text GENERATED ALWAYS AS (repeat(md5(id::text), 10000)) STORED);
         ALTER TABLE derived ALTER COLUMN doc SET STORAGE EXTERNAL; ${fill('derived', 'id', 'i')}`,
      );
      expect(await inspect(database.url)).toEqual([]);
    } finally {
      await database.drop();
    }
  });

  it('finds the row that no COPY can write, whatever its storage', async () => {
    const database = await createDatabase(url());
    try {
      await query(
        database.url,
        `CREATE TABLE longest (id int, data bytea); INSERT INTO longest SELECT 1, decode(repeat('ab', 270000000), 'hex'); UPDATE longest SET data = data || data;
         CREATE TABLE long AS SELECT 1 AS id, repeat('x', 500000000) AS data`,
      );
      expect(await inspect(database.url)).toEqual([expect.objectContaining({ code: 'ROWS_OVERSIZED', level: 'error', names: ['1 of "public"."longest"'] })]);
    } finally {
      await database.drop();
    }
  });
});

/** Statements one by one: some stand in no transaction block, not even in that of several statements. */
function split(sql: string): string[] {
  return sql.split(/;(?![^']*'(?:[^']*'[^']*')*[^']*$)/).map((statement) => statement.trim()).filter((statement) => statement !== '');
}
