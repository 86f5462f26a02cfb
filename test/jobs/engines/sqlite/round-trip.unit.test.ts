import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { bodyOf } from '../memory-parts.ts';
import { bytesOf, createContext, engine, inFolder, query, restoreTo, runSql, takeBackup } from './fixture.ts';

const everyKind = `
  CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE UNIQUE, initials TEXT AS (upper(substr(name, 1, 2))) STORED, length INTEGER AS (length(name))) STRICT;
  CREATE TABLE invoice (customer INTEGER REFERENCES customer, year INTEGER, number INTEGER, scan BLOB, PRIMARY KEY (customer, year, number)) WITHOUT ROWID;
  CREATE INDEX invoice_of_year ON invoice (year) WHERE scan IS NOT NULL;
  CREATE INDEX customer_by_initials ON customer (lower(name));
  CREATE VIRTUAL TABLE note USING fts5(title, body, tokenize = 'porter');
  CREATE VIRTUAL TABLE place USING rtree(id, minX, maxX);
  CREATE VIEW big AS SELECT * FROM invoice WHERE length(scan) > 5000;
  CREATE TABLE audit (id INTEGER PRIMARY KEY AUTOINCREMENT, what TEXT);
  CREATE TRIGGER customer_added AFTER INSERT ON customer BEGIN INSERT INTO audit (what) VALUES ('added ' || new.name); END;
  CREATE TABLE "odd ""name"" 
with a break, 表" ("select" ANY, x) ;
  INSERT INTO customer (id, name) SELECT value, 'Customer ' || value FROM generate_series(1, 500);
  INSERT INTO invoice SELECT id, 2020 + id % 5, id, randomblob(id * 40) FROM customer;
  INSERT INTO note SELECT name, 'running notes about ' || name FROM customer;
  INSERT INTO place SELECT id, id, id + 1 FROM customer;
  INSERT INTO "odd ""name"" 
with a break, 表" VALUES (1, 'é漢字'), (2.5, NULL), (x'00ff', '');
  DELETE FROM invoice WHERE customer % 7 = 0;
  ANALYZE;
  PRAGMA user_version = 77;
  PRAGMA application_id = 4242;
`.replaceAll('generate_series(1, 500)', '(WITH RECURSIVE series(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM series WHERE value < 500) SELECT value FROM series)');

/** The online backup writes its own change counters and schema cookie into the header, and rollback mode. */
function withoutCounters(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (const [start, end] of [[18, 20], [24, 28], [40, 44], [92, 100]]) copy.fill(0, start, end);
  return copy;
}

describe('a backup and its restore', () => {
  for (const pageSize of [512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536]) {
    for (const journal of ['wal', 'delete'] as const) {
      it(`hold all bytes of a database with pages of ${pageSize} bytes in journal mode ${journal}, the writer still connected`, () =>
        inFolder(async (folder) => {
          const source = join(folder, 'source.db');
          const writer = new DatabaseSync(source);
          writer.exec(`PRAGMA page_size = ${pageSize}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = ${journal}; ${everyKind}`);
          const taken = await takeBackup(source);
          writer.close();
          expect(taken.content.details).toMatchObject({ pageSize, journalMode: journal === 'wal' ? 'wal' : 'rollback', userVersion: 77, applicationId: 4242 });

          // Closing the last connection of a WAL database copies the log into the file: now source and backup are equal.
          expect((await bytesOf(taken)).equals(readFileSync(source))).toBe(true);
        }));
    }
  }

  it('keep what every kind of object does', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'source.db');
      runSql(source, `PRAGMA journal_mode = wal; ${everyKind}`);
      const target = join(folder, 'target.db');
      const restored = await restoreTo(target, await takeBackup(source));
      expect(restored.warnings).toEqual([]);
      expect(restored.rows).toBeGreaterThan(1000);
      expect(readFileSync(target).equals(readFileSync(source))).toBe(true);
      expect(query(target, "SELECT title FROM note WHERE note MATCH 'run AND 499'")).toEqual([{ title: 'Customer 499' }]);
      expect(query(target, 'SELECT initials, length FROM customer WHERE id = 7')).toEqual([{ initials: 'CU', length: 10 }]);
      expect(query(target, 'SELECT count(*) AS places FROM place WHERE minX < 10.5')).toEqual([{ places: 10 }]);
      expect(query(target, 'SELECT count(*) AS big FROM big')).toEqual(query(source, 'SELECT count(*) AS big FROM big'));
      runSql(target, "INSERT INTO customer (name) VALUES ('new')");
      expect(query(target, 'SELECT what FROM audit ORDER BY id DESC LIMIT 1')).toEqual([{ what: 'added new' }]);
    }));

  it('keep UTF-16 text', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'source.db');
      runSql(source, "PRAGMA encoding = 'UTF-16be'; CREATE TABLE t (x); INSERT INTO t VALUES ('漢字')");
      const taken = await takeBackup(source);
      expect(taken.content.details).toMatchObject({ encoding: 'UTF-16be', tables: ['t'] });
      await restoreTo(join(folder, 'target.db'), taken);
      expect(query(join(folder, 'target.db'), 'SELECT x FROM t')).toEqual([{ x: '漢字' }]);
    }));

  it('leave the source as it was, its write-ahead log included', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'source.db');
      const writer = new DatabaseSync(source);
      writer.exec('PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (x); INSERT INTO t VALUES (1)');
      const before = [readFileSync(source), readFileSync(`${source}-wal`)];
      await takeBackup(source);
      expect(readFileSync(`${source}-wal`).equals(before[1] as Buffer)).toBe(true);
      expect(readFileSync(source).equals(before[0] as Buffer)).toBe(true);
      writer.close();
      expect(await readdir(folder)).toEqual(['source.db']);
    }));

  it('leave no log beside a source that had none', () =>
    inFolder(async (folder) => {
      runSql(join(folder, 'source.db'), 'PRAGMA journal_mode = wal; CREATE TABLE t (x)');
      expect((await takeBackup(join(folder, 'source.db'))).content.details).toMatchObject({ journalMode: 'wal' });
      expect(await readdir(folder)).toEqual(['source.db']);
    }));

  it('give the bytes of the online backup', () =>
    inFolder(async (folder) => {
      const { backup } = await import('node:sqlite');
      const source = join(folder, 'source.db');
      const writer = new DatabaseSync(source);
      writer.exec(`PRAGMA journal_mode = wal; ${everyKind}; PRAGMA wal_checkpoint; UPDATE customer SET name = name || '!' WHERE id % 10 = 0`);
      const taken = await takeBackup(source);
      await backup(writer, join(folder, 'online.db'));
      writer.close();
      expect(withoutCounters(await bytesOf(taken)).equals(withoutCounters(readFileSync(join(folder, 'online.db'))))).toBe(true);
    }));

  it('export the plain file and leave the output open', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'source.db');
      runSql(source, everyKind);
      const { content, parts } = await takeBackup(source);
      const chunks: Buffer[] = [];
      const output = new Writable({ write: (chunk: Buffer, _encoding, done) => (chunks.push(chunk), done()) });
      await engine.export(createContext(), { body: bodyOf('sqlite', content), parts, output });
      expect(output.writableEnded).toBe(false);
      expect(Buffer.concat(chunks).equals(readFileSync(source))).toBe(true);
    }));

  it('store only the parts that changed', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'source.db');
      runSql(source, `PRAGMA journal_mode = wal; CREATE TABLE t (id INTEGER PRIMARY KEY, x);
        WITH RECURSIVE s(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM s WHERE v < 4000) INSERT INTO t SELECT v, randomblob(1000) FROM s`);
      const { parts } = await takeBackup(source);
      parts.newBytes = 0;
      runSql(source, 'UPDATE t SET x = randomblob(1000) WHERE id = 2000');
      await takeBackup(source, parts);
      expect(parts.newBytes).toBe(65_536);
      parts.newBytes = 0;
      await takeBackup(source, parts);
      expect(parts.newBytes).toBe(0);
    }));
});
