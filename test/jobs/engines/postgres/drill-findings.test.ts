import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { TableDetails } from '../../../../jobs/engines/postgres/content.ts';
import type { DrillRequest, DrillResult } from '../../../../jobs/engines/engine.ts';
import { createPartEncoding, partKey } from '../../../../src/repository/encoding/part-encoding.ts';
import type { PartSlice, Stream } from '../../../../src/repository/manifest/manifest.ts';
import { createPartReader } from '../../../../src/repository/parts/part-reader.ts';
import { query, service } from '../../../services/database.ts';
import { keyRing } from '../../../repository/encoding/encryption.ts';
import { createMemoryStore } from '../../../repository/memory-store.ts';
import { bodyOf } from '../memory-parts.ts';
import { beside, dropDatabasesLike, engineContext, postgresEngine, takeBackup, type TakenBackup } from './fixture.ts';

const prefix = `drilled_${randomBytes(4).toString('hex')}_`;
const server = service('TEST_DATABASE_URL');
let scratch: string;
let source: string;
let shop: TakenBackup;

/** One large table of several parts, a small one that shares its part, and one of each other thing that is compared. */
const shopSql = `
  CREATE TABLE orders (id integer PRIMARY KEY, words text, price integer CHECK (price >= 0));
  INSERT INTO orders SELECT i, repeat(md5(i::text), 1 + i % 5), i FROM generate_series(1, 30000) AS i;
  CREATE TABLE customers (name text UNIQUE);
  INSERT INTO customers VALUES ('ann'), ('bob'), ('cas');
  CREATE TABLE countries (code text);
  INSERT INTO countries VALUES ('DE'), ('CN');
  CREATE SEQUENCE numbers;
  SELECT setval('numbers', 4711);
  SELECT lo_from_bytea(900001, decode(repeat('abcdef', 10000), 'hex'));
  CREATE VIEW dear AS SELECT id FROM orders WHERE price > 100`;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'drills-'));
  await chmod(scratch, 0o711);
  await query(server, `CREATE DATABASE ${prefix}shop TEMPLATE template0`);
  source = beside(server, `${prefix}shop`);
  await query(source, shopSql);
  shop = await takeBackup(source);
});

afterAll(async () => {
  await rm(scratch, { recursive: true });
  await dropDatabasesLike(server, prefix);
});

afterEach(expectNothingLeft);

async function expectNothingLeft(): Promise<void> {
  expect(await readdir(scratch)).toEqual([]);
}

function drill(request: Partial<DrillRequest> = {}): Promise<DrillResult> {
  return postgresEngine.drill(engineContext(), { ...shop, scratch, connections: 2, ...request });
}

function streamOf(name: string): Stream {
  const stream = shop.body.streams.find(({ kind, details }) => kind === name || (details as Partial<TableDetails>).name === name);
  if (stream === undefined) throw new Error(`no stream ${name}`);
  return stream;
}

/** Parts that are right, but reach the server altered the first time that they are read: as bad memory would, or a faulty server. */
function alteredOnce(alter: (text: string, slice: PartSlice) => string): DrillRequest['parts'] {
  const seen = new Set<string>();
  return {
    ...shop.parts,
    async *readAll(slices) {
      for (const slice of slices) {
        const raw = await shop.parts.read(slice);
        const key = `${slice.part} ${slice.offset}`;
        yield seen.has(key) ? raw : Buffer.from(alter(raw.toString('latin1'), slice), 'latin1');
        seen.add(key);
      }
    },
  };
}

describe('a drill finds', () => {
  it('one byte of one row, and names table, part and row', async () => {
    const { slices } = streamOf('orders');
    expect(slices.length).toBeGreaterThan(3);
    const [third] = slices.slice(2);
    const { checks, findings } = await drill({
      // The tenth row of the third part: a digit of its words.
      parts: alteredOnce((text, slice) => (slice.part === third?.part ? text.split('\n').map((row, index) => (index === 9 ? row.replace(/\t[0-9a-f]/, (found) => (found === '\t0' ? '\t1' : '\t0')) : row)).join('\n') : text)),
    });
    expect(findings).toEqual([
      {
        check: 'content',
        object: '"public"."orders"',
        part: third?.part,
        expected: `part 3 of ${slices.length}: ${third?.rows} rows, ${third?.raw} bytes`,
        found: `${third?.rows} rows, ${third?.raw} bytes; row 10 of the part is the first that differs; parts that differ: 1`,
      },
    ]);
    expect(checks.filter(({ differing }) => differing > 0)).toEqual([{ name: 'content', compared: 3, differing: 1 }]);
  });

  it('a row of another length in a part that tables share, and a sequence, a large object and a definition', async () => {
    const { checks, findings, warnings } = await drill({
      parts: alteredOnce((text) =>
        text.replace('bob\n', 'bobby\n').replace(', 4711, true)', ', 4712, true)').replace('abcdef'.repeat(20), 'abcde0'.repeat(20)).replace('\xab\xcd\xef', '\xab\xcd\xee').replace('> 100)', '> 101)'),
      ),
    });
    expect(findings.map(({ check, object }) => [check, object])).toEqual([
      ['content', '"public"."customers"'],
      ['sequences', 'public.numbers'],
      ['large-objects', 'large object 900001'],
      ['schema', 'VIEW public.dear'],
    ]);
    expect(findings[0]).toMatchObject({ part: streamOf('customers').slices[0]?.part, expected: 'part 1 of 1: 3 rows, 12 bytes', found: expect.stringContaining('3 rows, 14 bytes; row 2 of the part') });
    expect(findings[1]).toMatchObject({ expected: '4711 (called: true)', found: '4712 (called: true)' });
    expect(checks.filter(({ differing }) => differing > 0).map(({ name }) => name)).toEqual(['content', 'sequences', 'large-objects', 'schema']);
    expect(warnings).toEqual([]);
  });

  it('a row that the restore itself brought about', async () => {
    await query(server, `CREATE DATABASE ${prefix}effects TEMPLATE template0`);
    const database = beside(server, `${prefix}effects`);
    await query(
      database,
      `CREATE TABLE refreshed (at integer);
       CREATE FUNCTION note() RETURNS integer LANGUAGE sql AS 'INSERT INTO public.refreshed VALUES (1) RETURNING 1';
       CREATE MATERIALIZED VIEW noted AS SELECT note() AS n`,
    );
    const { findings } = await drill(await takeBackup(database));
    expect(findings).toContainEqual({ check: 'rows', object: '"public"."refreshed"', expected: '1 rows', found: '2 rows' });
    expect(findings).toHaveLength(1 + 1);
  });

  it('a part that somebody without the key replaced by a well-formed one, and names the tables in it', async () => {
    const encryption = { kind: 'age', keys: keyRing(1).keys } as const;
    const encoding = createPartEncoding({ compression: 'zstd-3', encryption });
    const store = createMemoryStore();
    const { signal } = engineContext();
    const content = await postgresEngine.backup(engineContext(), {
      source,
      options: { connections: 2, globals: false, rolePasswords: false },
      sink: {
        write: async (raw) => {
          const copy = Buffer.from(raw);
          const name = encoding.name(copy);
          await store.put(partKey(name, encoding.encoding), await encoding.encode(copy), { signal });
          return { name, raw: copy.length };
        },
      },
    });
    const plain = bodyOf('postgres', content);
    const body = { ...plain, streams: plain.streams.map((stream) => ({ ...stream, slices: stream.slices.map((slice) => ({ ...slice, encoding: encoding.encoding })) })) };
    const openParts = () => createPartReader({ store, encoding: createPartEncoding({ compression: 'zstd-3', encryption }), signal });
    expect((await drill({ body, parts: openParts() })).findings).toEqual([]);

    const slice = body.streams.find(({ details }) => (details as Partial<TableDetails>).name === 'customers')?.slices[0] as PartSlice;
    const object = partKey(slice.part, slice.encoding);
    const raw = await encoding.decode(await store.get(object, { signal }), { object, encoding: slice.encoding, raw: slice.raw });
    await store.put(object, await encoding.encode(Buffer.from(raw.toString('latin1').replace('bob', 'Bob'), 'latin1')), { signal });
    const { checks, findings } = await drill({ body, parts: openParts() });
    const finding = { check: 'content', part: slice.part, expected: expect.any(String), found: expect.stringContaining('its content is not what its name is the hash of') };
    expect(findings).toEqual([
      { ...finding, object: '"public"."countries"' },
      { ...finding, object: '"public"."customers"' },
    ]);
    expect(checks).toEqual([{ name: 'content', compared: 2, differing: 2 }]);
  });

  it('rows that a table does not take, and definitions that the server refuses', async () => {
    const negative = await drill({ parts: alteredOnce((text) => text.replaceAll(/\t17\n/g, '\t-17\n')) });
    expect(negative.findings).toEqual([{ check: 'content', object: '"public"."orders"', expected: expect.any(String), found: expect.stringContaining('orders_price_check') }]);
    const twice = await drill({ parts: alteredOnce((text) => text.replace('ann\n', 'bob\n')) });
    expect(twice.findings).toEqual([{ check: 'schema', object: 'the restore', expected: expect.any(String), found: expect.stringContaining('customers_name_key') }]);
  });

  it('assertions that do not hold, which see the database as its users do', async () => {
    const assertions = `
      SELECT count(*) = 30000 FROM orders; -- without a schema
      SELECT id FROM orders WHERE price < 0;
      SELECT price > 0 FROM orders;
      SET work_mem = '8MB';
      SELECT current_database() = '${prefix}shop';
      SELECT price < 29999 FROM orders ORDER BY id;
      SELECT 'true';
      DELETE FROM orders;
      SELECT * FROM missing;
      WITH d AS (DELETE FROM orders RETURNING 1) SELECT true FROM d`;
    const { checks, findings } = await drill({ assertions });
    expect(checks.find(({ name }) => name === 'assertions')).toEqual({ name: 'assertions', compared: 10, differing: 5 });
    expect(findings.map(({ object, found }) => [object.split(':')[0], found])).toEqual([
      ['line 7', 'the row [false]'],
      ['line 8', 'the row ["true"]'],
      ['line 9', expect.stringContaining('25006')],
      ['line 10', expect.stringContaining('42P01')],
      ['line 11', expect.stringContaining('DECLARE')],
    ]);
  });
});

describe('a drill passes', () => {
  it('with a warning where rows came back in another order', async () => {
    const { findings, warnings } = await drill({ parts: alteredOnce((text) => text.replace('DE\nCN\n', 'CN\nDE\n')) });
    expect(findings).toEqual([]);
    expect(warnings).toEqual([{ en: expect.stringContaining('"public"."countries"'), zh: expect.stringContaining('"public"."countries"') }]);
  });

  it('wherever the rows of partitions by hash belong, with columns in any order', async () => {
    await query(server, `CREATE DATABASE ${prefix}hashed TEMPLATE template0`);
    const database = beside(server, `${prefix}hashed`);
    await query(
      database,
      `CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
       CREATE TABLE felt (feeling mood, words text, id int) PARTITION BY HASH (feeling);
       CREATE TABLE felt_0 PARTITION OF felt FOR VALUES WITH (MODULUS 2, REMAINDER 0);
       CREATE TABLE felt_1 (id int, words text, feeling mood);
       ALTER TABLE felt ATTACH PARTITION felt_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
       INSERT INTO felt SELECT (enum_range(NULL::mood))[i % 3 + 1], nullif(repeat('x', i % 4), ''), i FROM generate_series(1, 60) AS i`,
    );
    const backup = await takeBackup(database);
    expect(await drill(backup)).toMatchObject({ findings: [], warnings: [] });
    // Altered, it is found in the tree: which partition a row lies in is no part of the promise.
    const altered: DrillRequest['parts'] = { ...backup.parts, async *readAll(slices) { for (const slice of slices) yield Buffer.from((await backup.parts.read(slice)).toString('latin1').replace('\t59', '\t95').replace('59\t', '95\t'), 'latin1'); } };
    let reads = 0;
    const onceAltered: DrillRequest['parts'] = { ...backup.parts, readAll: (slices) => ((reads += 1) <= 3 ? altered : backup.parts).readAll(slices) };
    const { findings } = await drill({ ...backup, parts: onceAltered });
    expect(findings).toEqual([{ check: 'content', object: '"public"."felt"', expected: expect.stringContaining('add up to'), found: expect.stringContaining('add up to') }]);
  });

  it('in a newer server, without comparing definitions that it words otherwise', async () => {
    const { findings, warnings, checks, restoredInto } = await drill({ body: { ...shop.body, details: { ...(shop.body.details as object), serverVersion: 160_004 } } });
    expect({ findings, restoredInto }).toEqual({ findings: [], restoredInto: expect.stringMatching(/^PostgreSQL 18/) });
    expect(checks.map(({ name }) => name)).toEqual(['rows', 'content', 'sequences', 'large-objects']);
    expect(warnings.map(({ en }) => en)).toEqual([expect.stringContaining('not compared word by word')]);
  });

  it('with rows of the most uneven lengths in their stored order', async () => {
    await query(server, `CREATE DATABASE ${prefix}uneven TEMPLATE template0`);
    const database = beside(server, `${prefix}uneven`);
    await query(
      database,
      `CREATE TABLE uneven (id integer PRIMARY KEY, words text);
       ALTER TABLE uneven ALTER words SET STORAGE PLAIN;
       INSERT INTO uneven SELECT i, repeat('x', i * 7919 % 6000) FROM generate_series(1, 2000) AS i`,
    );
    expect(await drill(await takeBackup(database))).toMatchObject({ findings: [], warnings: [] });
  });

  it('for a database of another encoding, zone and name, in a folder whose path is too long for a socket', async () => {
    await query(server, `CREATE DATABASE "${prefix}postgres's näme" TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'`);
    const database = beside(server, `${prefix}postgres's näme`);
    await query(
      database,
      `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone TO ''Asia/Tokyo''', current_database()); END $$;
       CREATE TABLE moments (at timestamptz) PARTITION BY RANGE (at);
       SET TimeZone TO 'Asia/Tokyo';
       CREATE TABLE moments_2024 PARTITION OF moments FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
       INSERT INTO moments SELECT '2024-03-01'::timestamptz + i * interval '1 hour' FROM generate_series(1, 10) AS i;
       CREATE TABLE words (word text); INSERT INTO words VALUES ('äh'), ('gut')`,
    );
    const backup = await takeBackup(database);
    const long = await mkdtemp(join(tmpdir(), `${'long-'.repeat(18)}-`));
    await chmod(long, 0o711);
    try {
      expect(await drill({ ...backup, scratch: long, assertions: "SELECT current_setting('TimeZone') = 'Asia/Tokyo'" })).toMatchObject({ findings: [], warnings: [] });
    } finally {
      await rm(long, { recursive: true });
    }
  });
});
