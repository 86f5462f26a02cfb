import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { inFolder, runSql, takeBackup } from './fixture.ts';

describe('a backup of a large database', () => {
  it('stores at most 4 % anew after a hundred rows all over it were updated', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'source.db');
      const database = new DatabaseSync(source);
      database.exec(`PRAGMA journal_mode = wal; PRAGMA synchronous = OFF; CREATE TABLE event (id INTEGER PRIMARY KEY, note TEXT, amount INTEGER);
        CREATE INDEX event_note ON event (note);
        WITH RECURSIVE s(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM s WHERE v < 500000)
          INSERT INTO event SELECT v, hex(randomblob(120)), v % 1000 FROM s;`);
      const { parts } = await takeBackup(source);
      const first = parts.newBytes;
      expect(first).toBeGreaterThan(240 * 1024 * 1024);
      parts.newBytes = 0;
      database.exec('UPDATE event SET amount = amount + 1 WHERE id % 5000 = 17');
      await takeBackup(source, parts);
      database.close();
      const share = parts.newBytes / first;
      process.stdout.write(`SQLite, 100 of 500000 rows updated: ${(100 * share).toFixed(2)} % of ${Math.round(first / 2 ** 20)} MiB stored anew\n`);
      expect(share).toBeLessThan(0.04);
    }));

  it('reads a database with a hole where SQLite takes its locks, past 1 GiB', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'source.db');
      runSql(source, 'PRAGMA page_size = 65536; CREATE TABLE t (x); INSERT INTO t VALUES (1)');
      // A sparse file: the free pages behind the table are what the header says they are, zeros that are read but cost no disk.
      const pages = 0x4000_0000 / 65_536 + 3;
      const pageCount = Buffer.alloc(4);
      pageCount.writeUInt32BE(pages);
      const file = openSync(source, 'r+');
      ftruncateSync(file, pages * 65_536);
      writeSync(file, pageCount, 0, 4, 28);
      closeSync(file);
      const taken = await takeBackup(source);
      expect(taken.content.details).toMatchObject({ pageCount: pages });
      // Part after part of zeros is one part.
      expect(taken.parts.stored.size).toBeLessThan(5);
    }));
});
