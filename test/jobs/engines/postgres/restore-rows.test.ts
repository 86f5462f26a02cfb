import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { TableDetails } from '../../../../jobs/engines/postgres/content.ts';
import { query, service } from '../../../services/database.ts';
import { readDatabase } from './compare-databases.ts';
import { beside, dropDatabasesLike, engineContext, postgresEngine, restoreOptions, takeBackup } from './fixture.ts';

const prefix = `rows_${randomBytes(4).toString('hex')}_`;

afterAll(async () => {
  for (const server of [service('TEST_DATABASE_URL'), service('TEST_DATABASE_18_URL')]) await dropDatabasesLike(server, prefix);
});

describe('a restore', () => {
  it('loads rows that are longer than a part over several connections', async () => {
    const server = service('TEST_DATABASE_URL');
    await query(server, `CREATE DATABASE ${prefix}wide TEMPLATE template0`);
    const source = beside(server, `${prefix}wide`);
    await query(
      source,
      `CREATE TABLE wide (id int PRIMARY KEY, words text);
       ALTER TABLE wide ALTER words SET STORAGE EXTERNAL;
       INSERT INTO wide SELECT i, repeat(md5(i::text), CASE WHEN i % 4 = 0 THEN 2200000 ELSE 30000 END) FROM generate_series(1, 12) AS i;
       CREATE TABLE packed (words text);
       INSERT INTO packed VALUES ('first'), (repeat('a', 20000000)), (repeat('b', 40000000)), ('last')`,
    );
    const backup = await takeBackup(source);
    expect(backup.body.streams.flatMap(({ slices }) => slices).filter(({ rows }) => rows === 0).length).toBeGreaterThan(5);
    const target = beside(server, `${prefix}wide_back`);
    const { rows } = await postgresEngine.restore(engineContext(), { ...backup, target, options: { ...restoreOptions, connections: 4 } });
    expect(rows).toBe(16);
    expect(await readDatabase(target, service('TEST_POSTGRES_BIN_15'))).toEqual(await readDatabase(source, service('TEST_POSTGRES_BIN_15')));
  });

  it('loads rows through the root that belong to another partition than at the source', async () => {
    const server = service('TEST_DATABASE_URL');
    await query(server, `CREATE DATABASE ${prefix}moved TEMPLATE template0`);
    const source = beside(server, `${prefix}moved`);
    await query(
      source,
      `CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
       CREATE TABLE felt (moods mood[], id int) PARTITION BY HASH (moods);
       CREATE TABLE felt_0 PARTITION OF felt FOR VALUES WITH (MODULUS 2, REMAINDER 0);
       CREATE TABLE felt_1 PARTITION OF felt FOR VALUES WITH (MODULUS 2, REMAINDER 1);
       INSERT INTO felt SELECT ARRAY[(enum_range(NULL::mood))[i % 3 + 1], (enum_range(NULL::mood))[i % 2 + 1]], i FROM generate_series(1, 60) AS i`,
    );
    const backup = await takeBackup(source);
    // As a backup says it that did not foresee it: collations, too, differ from server to server.
    const streams = backup.body.streams.map((stream) => {
      const { name, copyFrom } = stream.details as TableDetails;
      return stream.kind === 'table' ? { ...stream, details: { ...(stream.details as TableDetails), copyFrom: copyFrom.replace('"felt"', `"${name}"`) } } : stream;
    });
    const target = beside(server, `${prefix}moved_back`);
    await postgresEngine.restore(engineContext(), { body: { ...backup.body, streams }, parts: backup.parts, target, options: restoreOptions });
    expect(await readDatabase(target, service('TEST_POSTGRES_BIN_15'))).toEqual(await readDatabase(source, service('TEST_POSTGRES_BIN_15')));
  });

  it('keeps money and NULL in arrays, and refreshes a materialized view that reads another one in a function', async () => {
    const server = service('TEST_DATABASE_URL');
    const [role, name] = [`${prefix}arrays`, `${prefix}views`];
    await query(server, `CREATE DATABASE ${name} TEMPLATE template0`);
    await query(server, `CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD 'arrays'`);
    const source = beside(server, name);
    await query(
      source,
      `ALTER ROLE ${role} SET array_nulls = off;
       CREATE TABLE listed (words text[], cash money);
       INSERT INTO listed VALUES (ARRAY['NULL', NULL], '-92233720368547758.08');
       CREATE MATERIALIZED VIEW second AS SELECT 7 AS n;
       CREATE FUNCTION read_second() RETURNS bigint LANGUAGE sql AS 'SELECT sum(n) FROM public.second';
       CREATE MATERIALIZED VIEW first AS SELECT read_second() AS n`,
    );
    try {
      const target = new URL(beside(server, `${name}_back`));
      target.username = role;
      target.password = 'arrays';
      const { warnings } = await postgresEngine.restore(engineContext(), { ...(await takeBackup(source)), target: target.href, options: restoreOptions });
      expect(warnings).toEqual([]);
      expect(await readDatabase(beside(server, `${name}_back`), service('TEST_POSTGRES_BIN_15'))).toEqual(await readDatabase(source, service('TEST_POSTGRES_BIN_15')));
    } finally {
      await query(server, `DROP ROLE ${role}`);
    }
  });

  it('brings back the rows of an extension’s configuration tables that are the user’s', async () => {
    const server = service('TEST_DATABASE_18_URL');
    const folder = await mkdtemp(join(tmpdir(), 'extensions-'));
    await mkdir(join(folder, 'extension'));
    await chmod(folder, 0o755);
    await writeFile(join(folder, 'extension/words.control'), "default_version = '1.0'\nrelocatable = false\nschema = words\n");
    await writeFile(
      join(folder, 'extension/words--1.0.sql'),
      `CREATE TABLE dictionary (word text, is_builtin boolean DEFAULT false);
       INSERT INTO dictionary VALUES ('built in', true);
       CREATE SEQUENCE number;
       CREATE TABLE cache (word text);
       SELECT pg_catalog.pg_extension_config_dump('dictionary', 'WHERE NOT is_builtin');
       SELECT pg_catalog.pg_extension_config_dump('number', '')`,
    );
    const withExtension = (database: string) => `${beside(server, database)}?options=${encodeURIComponent(`-c extension_control_path=${folder}:$system`)}`;
    try {
      await query(server, `CREATE DATABASE ${prefix}words`);
      await query(
        withExtension(`${prefix}words`),
        "CREATE EXTENSION words; INSERT INTO words.dictionary VALUES ('mine'), ('too'); INSERT INTO words.cache VALUES ('not kept'); SELECT setval('words.number', 42)",
      );
      const backup = await takeBackup(withExtension(`${prefix}words`));
      const target = withExtension(`${prefix}words_back`);
      await postgresEngine.restore(engineContext(), { ...backup, target, options: restoreOptions });
      expect(await query(target, 'SELECT word FROM words.dictionary ORDER BY 1')).toEqual([{ word: 'built in' }, { word: 'mine' }, { word: 'too' }]);
      expect(await query(target, 'SELECT last_value::int AS value, (SELECT count(*)::int FROM words.cache) AS cached FROM words.number')).toEqual([{ value: 42, cached: 0 }]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('keeps the stored order of rows on one connection', async () => {
    const server = service('TEST_DATABASE_URL');
    await query(server, `CREATE DATABASE ${prefix}order TEMPLATE template0`);
    const source = beside(server, `${prefix}order`);
    await query(source, "CREATE TABLE t (id int PRIMARY KEY, words text); INSERT INTO t SELECT i, repeat(md5(i::text), 8) FROM generate_series(1, 40000) AS i");
    const target = beside(server, `${prefix}order_back`);
    await postgresEngine.restore(engineContext(), { ...(await takeBackup(source)), target, options: { ...restoreOptions, connections: 1 } });
    const [row] = await query(target, 'SELECT bool_and(id > before) AS ordered FROM (SELECT id, lag(id, 1, 0) OVER (ORDER BY ctid) AS before FROM t) AS x');
    expect(row).toEqual({ ordered: true });
  });
});
