import { closeSync, copyFileSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { formatAddress } from '../../../../jobs/engines/sqlite/address.ts';
import { createSqliteEngine } from '../../../../jobs/engines/sqlite/engine.ts';
import { ReadTransaction } from '../../../../jobs/engines/sqlite/read/read-transaction.ts';
import { createMemoryParts } from '../memory-parts.ts';
import { createBusyDatabase, expectOneState, kill, startProgram } from './busy-database.ts';
import { bytesOf, createContext, engine, inFolder, restoreTo, runSql, takeBackup } from './fixture.ts';

const impatient = createSqliteEngine({ lockWaitMs: 300 });

describe('a backup of a source that is not as it should be', () => {
  it('says that there is no such file, and makes none', () =>
    inFolder(async (folder) => {
      await expect(takeBackup(join(folder, 'none.db'))).rejects.toMatchObject({ code: 'SQLITE_FILE_MISSING', category: 'source' });
      await expect(takeBackup(join(folder, 'none', 'none.db'))).rejects.toMatchObject({ code: 'SQLITE_FILE_MISSING' });
      expect(await readdir(folder)).toEqual([]);
    }));

  it('refuses what is no database: text, nothing, a folder, random bytes behind a right header', () =>
    inFolder(async (folder) => {
      const text = join(folder, 'text.db');
      writeFileSync(text, 'name,amount\n'.repeat(1000));
      const empty = join(folder, 'empty.db');
      writeFileSync(empty, '');
      mkdirSync(join(folder, 'folder.db'));
      for (const path of [text, empty, join(folder, 'folder.db')]) {
        await expect(takeBackup(path)).rejects.toMatchObject({ code: 'SQLITE_NOT_A_DATABASE', category: 'source' });
      }
      const damaged = join(folder, 'damaged.db');
      runSql(damaged, 'CREATE TABLE t (x)');
      const bytes = readFileSync(damaged).fill(0xa5, 100);
      writeFileSync(damaged, bytes);
      await expect(takeBackup(damaged)).rejects.toMatchObject({ code: 'SQLITE_DAMAGED', category: 'integrity' });
    }));

  it('refuses a file that ends before its last page', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'source.db');
      createBusyDatabase(source, 'PRAGMA journal_mode = delete');
      const file = openSync(source, 'r+');
      ftruncateSync(file, statSync(source).size - 300_000);
      closeSync(file);
      await expect(takeBackup(source)).rejects.toMatchObject({ code: 'SQLITE_DAMAGED' });
    }));

  it('asks to try again while another program holds the database exclusively', () =>
    inFolder(async (folder) => {
      for (const journal of ['delete', 'wal']) {
        const source = join(folder, `${journal}.db`);
        runSql(source, `PRAGMA journal_mode = ${journal}; CREATE TABLE t (x)`);
        const program = await startProgram('lock', source, 'PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; INSERT INTO t VALUES (1); COMMIT');
        try {
          await expect(takeBackup(source, createMemoryParts(), impatient)).rejects.toMatchObject({ code: 'SQLITE_LOCKED', category: 'busy', retryable: true });
        } finally {
          await kill([program]);
        }
        await takeBackup(source);
      }
    }));

  it('undoes the half transaction of a writer that died, and says so', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'source.db');
      createBusyDatabase(source, 'PRAGMA journal_mode = delete');
      const before = readFileSync(source);
      await kill([await startProgram('hold', source)]);
      expect(readFileSync(source).equals(before)).toBe(false);
      expect(existsSync(`${source}-journal`)).toBe(true);
      const taken = await takeBackup(source);
      expect(taken.content.warnings).toContainEqual(expect.objectContaining({ en: expect.stringContaining('A writer had died') }));
      expect((await bytesOf(taken)).equals(before)).toBe(true);
    }));

  it('holds what was committed to the log of a writer that died, and leaves that log', () =>
    inFolder(async (folder) => {
      for (const withIndex of [true, false]) {
        const source = join(folder, `source-${withIndex}.db`);
        createBusyDatabase(source, 'PRAGMA journal_mode = wal');
        await kill([await startProgram('transfer', source, 100_000)]);
        await kill([await startProgram('hold', source)]);
        const log = readFileSync(`${source}-wal`);
        expect(log.length).toBeGreaterThan(100_000);
        if (!withIndex) rmSync(`${source}-shm`);
        const taken = await takeBackup(source);
        const target = join(folder, `target-${withIndex}.db`);
        await restoreTo(target, taken);
        expectOneState(target);
        expect(readFileSync(`${source}-wal`).equals(log)).toBe(true);
      }
    }));

  it('follows a symbolic link to the database and its log', () =>
    inFolder(async (folder) => {
      mkdirSync(join(folder, 'real'));
      const source = join(folder, 'real', 'source.db');
      const writer = new DatabaseSync(source);
      writer.exec('PRAGMA journal_mode = wal; CREATE TABLE t (x); INSERT INTO t VALUES (1)');
      symlinkSync(source, join(folder, 'link.db'));
      expect((await takeBackup(join(folder, 'link.db'))).content.details).toMatchObject({ tables: ['t'] });
      writer.close();
    }));

  it('lets go of all locks when the sink fails or the run is aborted', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'source.db');
      createBusyDatabase(source, 'PRAGMA journal_mode = delete');
      const full = { write: () => Promise.reject(new Error('the store is full')) };
      const options = { connections: 1, globals: false, rolePasswords: false };
      await expect(engine.backup(createContext(), { source: formatAddress(source), sink: full, options })).rejects.toThrow('the store is full');
      const controller = new AbortController();
      const aborting = createMemoryParts();
      const sink = {
        write: (raw: Buffer) => {
          if (aborting.stored.size === 3) controller.abort(new Error('stopped'));
          return aborting.write(raw);
        },
      };
      await expect(engine.backup(createContext(controller.signal), { source: formatAddress(source), sink, options })).rejects.toThrow('stopped');
      runSql(source, 'BEGIN EXCLUSIVE; DELETE FROM movement; COMMIT');
    }));

  it('notices that the file was overwritten without locks while it was read', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'source.db');
      createBusyDatabase(source, 'PRAGMA journal_mode = delete');
      copyFileSync(source, `${source}.other`);
      runSql(`${source}.other`, 'UPDATE tally SET movements = 9');
      const parts = createMemoryParts();
      const sink = {
        write: (raw: Buffer) => {
          if (parts.stored.size === 2) writeFileSync(source, readFileSync(`${source}.other`));
          return parts.write(raw);
        },
      };
      const options = { connections: 1, globals: false, rolePasswords: false };
      await expect(engine.backup(createContext(), { source: formatAddress(source), sink, options })).rejects.toMatchObject({ code: 'SQLITE_CHANGED_UNDERNEATH' });
    }));

  it('keeps the write lock for a moment where no state stays long enough, and lets writers go on', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'source.db');
      createBusyDatabase(source, 'PRAGMA journal_mode = wal');
      const writer = await startProgram('transfer', source, 1000);
      const transaction = new ReadTransaction({ path: source, address: formatAddress(source) });
      try {
        for (let round = 0; round < 5; round += 1) {
          const begun = await transaction.begin({ signal: new AbortController().signal, lockWaitMs: 10_000, optimisticTries: 0 });
          expect(begun.wal).toBe(true);
          transaction.rollback();
        }
      } finally {
        transaction.close();
        await kill([writer]);
      }
      expectOneState(source);
    }));
});
