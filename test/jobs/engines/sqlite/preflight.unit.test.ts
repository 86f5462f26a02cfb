import { randomBytes } from 'node:crypto';
import { appendFileSync, closeSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { formatAddress } from '../../../../jobs/engines/sqlite/address.ts';
import { isNetworkFileSystem } from '../../../../jobs/engines/sqlite/preflight/file-system.ts';
import { createContext, engine, inFolder, runSql } from './fixture.ts';

const inspect = (path: string, signal?: AbortSignal) => engine.preflight(createContext(signal), formatAddress(path));
const codesOf = async (path: string) => (await inspect(path)).findings.map(({ level, code }) => `${level} ${code}`);

describe('the preflight of an SQLite database', () => {
  it('finds nothing in a sound one in WAL mode, and leaves nothing beside it', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'sound.db');
      runSql(path, 'PRAGMA journal_mode = wal; CREATE TABLE t (x); INSERT INTO t VALUES (1)');
      expect(await inspect(path)).toEqual({ server: expect.stringMatching(/^SQLite 3\.\d+\.\d+$/), findings: [] });
      expect(await readdir(folder)).toEqual(['sound.db']);
    }));

  it('finds damage that a backup would copy', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'damaged.db');
      runSql(path, "PRAGMA journal_mode = wal; CREATE TABLE t (x TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO t SELECT hex(randomblob(100)) FROM n");
      const file = openSync(path, 'r+');
      writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, statSync(path).size - 8192);
      closeSync(file);
      const { findings } = await inspect(path);
      expect(findings).toEqual([expect.objectContaining({ code: 'DAMAGED', level: 'error', names: [expect.stringMatching(/page|malformed/)] })]);
    }));

  it('says that writers wait in a rollback journal mode, and that bytes follow the last page', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'old.db');
      runSql(path, 'CREATE TABLE t (x)');
      appendFileSync(path, Buffer.alloc(4096));
      expect(await codesOf(path)).toEqual(['warning ROLLBACK_JOURNAL', 'info BYTES_BEYOND']);
    }));

  it('says that the log grows without end', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'busy.db');
      const writer = new DatabaseSync(path);
      writer.exec('PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (x)');
      for (let round = 0; round < 7; round += 1) writer.exec('INSERT INTO t VALUES (zeroblob(10000000))');
      expect(await codesOf(path)).toEqual(['warning LOG_LARGE']);
      writer.close();
    }));

  it('names virtual tables whose module is not here, and opens none', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'virtual.db');
      runSql(path, 'PRAGMA journal_mode = wal; CREATE VIRTUAL TABLE known USING fts5(text); CREATE VIRTUAL TABLE map USING fts5(text)');
      // As if another program with another module had made it.
      writeFileSync(path, readFileSync(path).toString('latin1').replace('map USING fts5', 'map USING geo5'), 'latin1');
      expect((await inspect(path)).findings).toEqual([expect.objectContaining({ code: 'MODULES_MISSING', level: 'warning', names: ['map (geo5)'] })]);
    }));

  it('fails where there is nothing that it could look at: no file, or one that is encrypted', () =>
    inFolder(async (folder) => {
      await expect(inspect(join(folder, 'none.db'))).rejects.toMatchObject({ code: 'SQLITE_FILE_MISSING', category: 'source' });
      const encrypted = join(folder, 'encrypted.db');
      writeFileSync(encrypted, randomBytes(8192));
      await expect(inspect(encrypted)).rejects.toMatchObject({ code: 'SQLITE_NOT_A_DATABASE' });
    }));

  it('ends its check when it is told to', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'sound.db');
      runSql(path, 'PRAGMA journal_mode = wal; CREATE TABLE t (x)');
      const controller = new AbortController();
      const context = { ...createContext(controller.signal), progress: { phase: (name: string) => void (name === 'checking' && controller.abort()), advance: () => undefined } };
      await expect(engine.preflight(context, formatAddress(path))).rejects.toMatchObject({ name: 'AbortError' });
    }));
});

describe('network file systems', () => {
  it('are told apart by what statfs says', async () => {
    expect([0x6969, 0xfe53_4d42, 0x6573_5546].map(isNetworkFileSystem)).toEqual([true, true, true]);
    expect([0xef53, 0x0102_1994, 0x794c_7630].map(isNetworkFileSystem)).toEqual([false, false, false]);
    expect(isNetworkFileSystem((await statfs('/proc')).type)).toBe(false);
  });
});
