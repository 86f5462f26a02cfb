import { describe, expect, it } from '@jest/globals';
import { createDatabase, query, service } from '../../../services/database.ts';
import { createMemoryParts } from '../memory-parts.ts';
import { backUp, bytesOf, servers, tableStream } from './backup-fixture.ts';

const hostile = `Ta"b'l\\e\n\t名 ; --`;
const longest = 'n'.repeat(63);

describe.each(servers)('backup of PostgreSQL $version', ({ version, url }) => {
  it('reads every row of every kind of table once', async () => {
    const database = await createDatabase(url());
    try {
      await query(
        database.url,
        `CREATE TABLE plain (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED, note text);
         INSERT INTO plain (id, note) VALUES (1, 'tab\there'), (2, E'line\nbreak'), (3, '\\.'), (4, NULL);
         CREATE TABLE parent (id int); CREATE TABLE child (extra text) INHERITS (parent);
         INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2, 'child');
         CREATE TABLE parted (id int, at date) PARTITION BY RANGE (at);
         CREATE TABLE parted_old PARTITION OF parted FOR VALUES FROM ('2000-01-01') TO ('2020-01-01') PARTITION BY LIST (id);
         CREATE TABLE parted_old_rest PARTITION OF parted_old DEFAULT;
         CREATE TABLE parted_new PARTITION OF parted FOR VALUES FROM ('2020-01-01') TO ('2040-01-01');
         INSERT INTO parted VALUES (1, '2001-01-01'), (2, '2021-01-01'), (3, '2022-01-01');
         CREATE TABLE nothing (); INSERT INTO nothing DEFAULT VALUES; INSERT INTO nothing DEFAULT VALUES;
         CREATE TABLE only_generated (g int GENERATED ALWAYS AS (1 + 1) STORED); INSERT INTO only_generated DEFAULT VALUES;
         CREATE UNLOGGED TABLE scratch (id int); INSERT INTO scratch VALUES (1);
         CREATE TABLE dropped (a int, b int, c int); ALTER TABLE dropped DROP COLUMN b; INSERT INTO dropped VALUES (1, 3);
         CREATE TEMP TABLE passing (id int);
         CREATE MATERIALIZED VIEW summary AS SELECT count(*) FROM plain;
         CREATE MATERIALIZED VIEW above AS SELECT * FROM summary;
         CREATE MATERIALIZED VIEW later AS SELECT * FROM plain WITH NO DATA;
         CREATE SEQUENCE counter START 7; SELECT nextval('counter');
         CREATE SEQUENCE "Fresh""One" START 5;
         SELECT lo_from_bytea(0, 'large');`,
      );
      const parts = createMemoryParts();
      const content = await backUp(database.url, parts);
      const text = (table: string) => bytesOf(tableStream(content, table), parts).toString();
      expect(text('plain')).toBe('1\ttab\\there\n2\tline\\nbreak\n3\t\\\\.\n4\t\\N\n');
      expect([text('parent'), text('child')]).toEqual(['1\n', '2\tchild\n']);
      expect([text('parted_old_rest'), text('parted_new')]).toEqual(['1\t2001-01-01\n', '2\t2021-01-01\n3\t2022-01-01\n']);
      expect([text('nothing'), text('only_generated'), text('scratch'), text('dropped')]).toEqual(['\n\n', '\n', '1\n', '1\t3\n']);
      const tables = content.streams.filter(({ kind }) => kind === 'table').map(({ details }) => (details as { name: string }).name);
      expect(tables).toEqual(['child', 'dropped', 'nothing', 'only_generated', 'parent', 'parted_new', 'parted_old_rest', 'plain', 'scratch']);
      expect(content.rows).toBe(14);
      expect(content.details.materializedViews).toEqual(['"public"."summary"', '"public"."above"']);
      expect(content.details.unloggedTables).toEqual(['"public"."scratch"']);
      expect(content.details.largeObjects).toBe(1);
      expect(content.warnings).toEqual([{ en: expect.stringContaining('"public"."scratch"'), zh: expect.stringContaining('"public"."scratch"') }]);
      expect(content.streams.map(({ kind }) => kind)).toEqual(['definitions', ...tables.map(() => 'table'), 'sequences']);
      const sequences = bytesOf(content.streams.at(-1) as never, parts).toString();
      expect(sequences).toContain(`SELECT pg_catalog.setval('"public"."counter"', 7, true);\n`);
      expect(sequences).toContain(`SELECT pg_catalog.setval('"public"."Fresh""One"', 5, false);\n`);
    } finally {
      await database.drop();
    }
  });

  it('gives copy statements that load what it read, whatever the names', async () => {
    const database = await createDatabase(url());
    try {
      const quoted = `"${hostile.replaceAll('"', '""')}"`;
      await query(
        database.url,
        `CREATE SCHEMA ${quoted}; CREATE TABLE ${quoted}.${quoted} ("a""a" int, ${longest} text, ${quoted} int PRIMARY KEY);
         INSERT INTO ${quoted}.${quoted} SELECT n, 'x', n FROM generate_series(1, 20000) n;
         CREATE SEQUENCE ${quoted}."s's\\";`,
      );
      const parts = createMemoryParts();
      const content = await backUp(database.url, parts);
      const stream = tableStream(content, hostile, hostile);
      expect(stream.details.columns).toEqual([hostile, 'a"a', longest]);
      expect(stream.details.keyColumns).toBe(1);
      expect(stream.rows).toBe(20_000);
      expect(bytesOf(stream, parts).toString().startsWith('1\t1\tx\n2\t2\tx\n')).toBe(true);
      for (const line of bytesOf(content.streams.at(-1) as never, parts).toString().split(';\n').filter(Boolean)) await query(database.url, line);
    } finally {
      await database.drop();
    }
  });

  it.each([
    ['LATIN1', 'é', Buffer.from([0xe9])],
    ['SQL_ASCII', '', Buffer.from([0xff, 0xfe])],
  ])('keeps rows in the encoding of a %s database', async (encoding, name, value) => {
    const database = await createDatabase(url(), { encoding });
    try {
      await query(database.url, `CREATE TABLE "t${name}" (v text); INSERT INTO "t${name}" VALUES (convert_from('\\x${value.toString('hex')}', '${encoding}'))`);
      const parts = createMemoryParts();
      const content = await backUp(database.url, parts);
      const stream = tableStream(content, `t${name}`);
      expect(content.details.database.encoding).toBe(encoding);
      expect(stream.details.copyFrom).toContain(`ENCODING '${encoding}'`);
      expect(bytesOf(stream, parts)).toEqual(Buffer.concat([value, Buffer.from('\n')]));
    } finally {
      await database.drop();
    }
  });

  it('refuses names that are no UTF-8', async () => {
    const database = await createDatabase(url(), { encoding: 'SQL_ASCII' });
    try {
      await query(database.url, `DO $$ BEGIN EXECUTE 'CREATE TABLE "t' || convert_from('\\xff', 'SQL_ASCII') || '" (id int)'; END $$`);
      await expect(backUp(database.url, createMemoryParts())).rejects.toMatchObject({ code: 'SOURCE_NAMES_UNREADABLE' });
    } finally {
      await database.drop();
    }
  });

  it('backs up a database without any table', async () => {
    const database = await createDatabase(url());
    try {
      const content = await backUp(database.url, createMemoryParts(), { globals: true });
      expect(content).toMatchObject({ tables: 0, rows: 0, warnings: [] });
      expect(content.streams.map(({ kind }) => kind)).toEqual(['definitions', 'globals', 'sequences']);
      expect(content.details.serverVersion).toBeGreaterThanOrEqual(version * 10_000);
      expect(Math.abs(content.stateAt.getTime() - Date.now())).toBeLessThan(60_000);
    } finally {
      await database.drop();
    }
  });

  it('gives equal parts and an equal fingerprint for an unchanged database, by any number of connections', async () => {
    const database = await createDatabase(url());
    try {
      await query(
        database.url,
        `CREATE TABLE numbers AS SELECT n AS id, md5(n::text) AS text FROM generate_series(1, 50000) n; ALTER TABLE numbers ADD PRIMARY KEY (id);
         CREATE TABLE small (id int); INSERT INTO small VALUES (1); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';`,
      );
      const first = await backUp(database.url, createMemoryParts(), { connections: 1 });
      const second = await backUp(database.url, createMemoryParts(), { connections: 4 });
      const stable = ({ streams }: typeof first) => streams.filter(({ kind }) => kind !== 'definitions');
      expect(stable(second)).toEqual(stable(first));
      expect(second.details).toEqual(first.details);
      await query(database.url, 'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$SELECT 2$$');
      const third = await backUp(database.url, createMemoryParts());
      expect(third.details.schemaFingerprint).not.toBe(first.details.schemaFingerprint);
    } finally {
      await database.drop();
    }
  });

  it('reads all rows and names the index when an index misses some', async () => {
    const database = await createDatabase(url());
    try {
      await query(
        database.url,
        `CREATE TABLE numbers AS SELECT n AS id, md5(n::text) AS text FROM generate_series(1, 20000) n; ALTER TABLE numbers ALTER id SET NOT NULL;
         CREATE UNIQUE INDEX damaged ON numbers (id) WHERE id % 10 <> 0;
         -- From here on the index claims to hold every row, as one does after a bug or a change of collations.
         UPDATE pg_index SET indpred = NULL WHERE indexrelid = 'damaged'::regclass;`,
      );
      const parts = createMemoryParts();
      const content = await backUp(database.url, parts);
      const stream = tableStream(content, 'numbers');
      expect(stream.rows).toBe(20_000);
      expect(stream.details.keyColumns).toBe(0);
      expect(bytesOf(stream, parts).toString().split('\n').length).toBe(20_001);
      expect(content.warnings.map(({ en }) => en)).toEqual([expect.stringMatching(/"public"."damaged" .* gave 18000 of 20000 rows.*REINDEX/)]);
    } finally {
      await database.drop();
    }
  });
});

describe('backup of extensions', () => {
  it('reads configuration tables by their condition and leaves the extension’s own tables to it', async () => {
    const database = await createDatabase(service('TEST_DATABASE_URL'));
    try {
      await query(
        database.url,
        `CREATE TABLE setting (id int, own bool); CREATE TABLE internal (id int); CREATE SEQUENCE kept; CREATE SEQUENCE dropped;
         INSERT INTO setting VALUES (1, false), (2, true); INSERT INTO internal VALUES (1);
         ALTER EXTENSION plpgsql ADD TABLE setting; ALTER EXTENSION plpgsql ADD TABLE internal;
         ALTER EXTENSION plpgsql ADD SEQUENCE kept; ALTER EXTENSION plpgsql ADD SEQUENCE dropped;
         UPDATE pg_extension SET extconfig = ARRAY['setting'::regclass, 'kept'::regclass]::oid[], extcondition = ARRAY['WHERE own', ''] WHERE extname = 'plpgsql';`,
      );
      const parts = createMemoryParts();
      const content = await backUp(database.url, parts);
      expect(content.tables).toBe(1);
      const stream = tableStream(content, 'setting');
      expect(stream.details.condition).toBe('WHERE own');
      expect(bytesOf(stream, parts).toString()).toBe('2\tt\n');
      expect(bytesOf(content.streams.at(-1) as never, parts).toString()).toBe(`SELECT pg_catalog.setval('"public"."kept"', 1, false);\n`);
    } finally {
      await database.drop();
    }
  });
});
