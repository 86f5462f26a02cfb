import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { codeOf } from '../../../../src/operations/errors.ts';
import { bodyOf } from '../memory-parts.ts';
import { kill, startProgram } from './busy-database.ts';
import { createContext, engine, inFolder, query, restoreTo, runSql, type Taken, takeBackup } from './fixture.ts';

let taken: Taken;

beforeAll(async () => {
  taken = await inFolder(async (folder) => {
    runSql(join(folder, 'source.db'), "CREATE TABLE state (name TEXT); INSERT INTO state VALUES ('restored')");
    return takeBackup(join(folder, 'source.db'));
  });
});

const makeOld = (path: string, pragmas = ''): void => runSql(path, `${pragmas}; CREATE TABLE state (name TEXT); INSERT INTO state VALUES ('old')`);
const stateOf = (path: string): unknown => query(path, 'SELECT name FROM state')[0]?.['name'];

describe('a restore into a target', () => {
  it('that is absent or empty needs no permission', () =>
    inFolder(async (folder) => {
      const target = join(folder, 'app.db');
      expect(await engine.inspectTarget(createContext(), `sqlite://${target}`)).toBe('absent');
      const result = await restoreTo(target, taken);
      expect(result).toMatchObject({ target: `sqlite://${target}`, tables: 1, rows: 1, bytes: 8192, warnings: [] });
      expect(result.previous).toBeUndefined();
      for (const make of [() => writeFileSync(target, ''), () => runSql(target, 'CREATE TABLE t (x); DROP TABLE t')]) {
        rmSync(target);
        make();
        expect(await engine.inspectTarget(createContext(), `sqlite://${target}`)).toBe('empty');
        await restoreTo(target, taken);
        expect(stateOf(target)).toBe('restored');
      }
      expect(readdirSync(folder)).toEqual(['app.db']);
    }));

  it('that is occupied is refused, unless told to replace it: then the old file stays beside', () =>
    inFolder(async (folder) => {
      const target = join(folder, 'app.db');
      for (const permission of [{ overwrite: true }, { swap: true }]) {
        makeOld(target);
        chmodSync(target, 0o640);
        await expect(restoreTo(target, taken)).rejects.toMatchObject({ code: 'RESTORE_TARGET_OCCUPIED', category: 'safety' });
        expect(stateOf(target)).toBe('old');
        const { previous = '' } = await restoreTo(target, taken, permission);
        expect(stateOf(target)).toBe('restored');
        expect(statSync(target).mode & 0o777).toBe(0o640);
        expect(previous).toMatch(/app\.db\.before-\d{8}T\d{6}Z$/);
        expect(stateOf(previous.slice('sqlite://'.length))).toBe('old');
        for (const name of readdirSync(folder)) rmSync(join(folder, name));
      }
    }));

  it('that holds something else than a database is occupied', () =>
    inFolder(async (folder) => {
      const target = join(folder, 'notes.txt');
      writeFileSync(target, 'do not lose this');
      await expect(restoreTo(target, taken)).rejects.toMatchObject({ code: 'RESTORE_TARGET_OCCUPIED' });
      mkdirSync(join(folder, 'folder'));
      await expect(restoreTo(join(folder, 'folder'), taken, { overwrite: true })).rejects.toMatchObject({ code: 'RESTORE_WRITE_FAILED' });
      await expect(restoreTo(join(folder, 'none', 'app.db'), taken)).rejects.toMatchObject({ code: 'RESTORE_WRITE_FAILED' });
      expect(readFileSync(target, 'utf8')).toBe('do not lose this');
    }));

  it('that is a symbolic link replaces the file and keeps the link', () =>
    inFolder(async (folder) => {
      mkdirSync(join(folder, 'real'));
      makeOld(join(folder, 'real', 'app.db'));
      symlinkSync(join(folder, 'real', 'app.db'), join(folder, 'link.db'));
      await restoreTo(join(folder, 'link.db'), taken, { swap: true });
      expect(stateOf(join(folder, 'real', 'app.db'))).toBe('restored');
      expect(readdirSync(folder)).toEqual(['link.db', 'real']);
    }));

  it('with a dry run says what would be done and changes nothing', () =>
    inFolder(async (folder) => {
      const target = join(folder, 'app.db');
      makeOld(target);
      const { plan, previous } = await restoreTo(target, taken, { dryRun: true, swap: true });
      expect(plan.map(({ en }) => en).join('\n')).toContain('8192 bytes');
      expect(previous).toContain('app.db.before-');
      expect(readdirSync(folder)).toEqual(['app.db']);
      expect(stateOf(target)).toBe('old');
      await expect(restoreTo(target, taken, { dryRun: true })).rejects.toMatchObject({ code: 'RESTORE_TARGET_OCCUPIED' });
    }));
});

describe('a restore refuses a target that is in use', () => {
  for (const [name, pragmas, use] of [
    ['a reader in WAL mode', 'PRAGMA journal_mode = wal', 'SELECT * FROM state'],
    ['a writer in a transaction', '', 'BEGIN IMMEDIATE; UPDATE state SET name = name'],
    ['a program that locks nothing now', '', 'SELECT * FROM state'],
    ['a program in exclusive mode', '', 'PRAGMA locking_mode = EXCLUSIVE; UPDATE state SET name = name'],
  ] as const) {
    it(`by ${name}`, () =>
      inFolder(async (folder) => {
        const target = join(folder, 'app.db');
        makeOld(target, pragmas);
        const program = await startProgram('lock', target, use);
        try {
          await expect(restoreTo(target, taken, { overwrite: true })).rejects.toMatchObject({ category: 'safety', code: 'RESTORE_TARGET_IN_USE' });
        } finally {
          await kill([program]);
        }
        expect(stateOf(target)).toBe('old');
      }),
    );
  }

  it('by a program whose transactions are in the log only', () =>
    inFolder(async (folder) => {
      const target = join(folder, 'app.db');
      makeOld(target, 'PRAGMA journal_mode = wal');
      await kill([await startProgram('lock', target, "UPDATE state SET name = 'newer'")]);
      await expect(restoreTo(target, taken, { overwrite: true })).rejects.toMatchObject({ code: 'RESTORE_TARGET_UNFINISHED', category: 'safety' });
      expect(stateOf(target)).toBe('newer');
      runSql(target, 'PRAGMA wal_checkpoint(TRUNCATE)');
      await restoreTo(target, taken, { overwrite: true });
      expect(stateOf(target)).toBe('restored');
    }));

  it('by a writer that died in a transaction', () =>
    inFolder(async (folder) => {
      const target = join(folder, 'app.db');
      makeOld(target);
      const dying = 'PRAGMA cache_size = 1; BEGIN; UPDATE state SET name = 1; CREATE TABLE t AS WITH RECURSIVE s(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM s WHERE v < 900) SELECT randomblob(500) FROM s';
      await kill([await startProgram('lock', target, dying)]);
      expect(existsSync(`${target}-journal`)).toBe(true);
      await expect(restoreTo(target, taken, { swap: true })).rejects.toMatchObject({ code: 'RESTORE_TARGET_UNFINISHED' });
    }));

  it('by the log of a database that is gone', () =>
    inFolder(async (folder) => {
      const target = join(folder, 'app.db');
      makeOld(target, 'PRAGMA journal_mode = wal');
      await kill([await startProgram('lock', target, "UPDATE state SET name = 'newer'")]);
      rmSync(target);
      await expect(restoreTo(target, taken)).rejects.toMatchObject({ code: 'RESTORE_TARGET_UNFINISHED' });
      rmSync(`${target}-wal`);
      await restoreTo(target, taken);
      expect(stateOf(target)).toBe('restored');
    }));
});

/** Restores over an old database; gives the error, and what the folder and the target are afterwards. */
async function tryOver(folder: string, changed: Taken): Promise<unknown> {
  const target = join(folder, 'app.db');
  makeOld(target);
  const code = await restoreTo(target, changed, { overwrite: true }).then(() => 'none', codeOf);
  return { code, state: stateOf(target), files: readdirSync(folder) };
}

const refusedAndLeft = { code: 'RESTORE_CONTENT_DIFFERS', state: 'old', files: ['app.db'] };

describe('a restore that cannot be trusted', () => {
  it('because bytes are missing leaves the target as it was', () =>
    inFolder(async (folder) => {
      const parts = { ...taken.parts, readAll: () => Readable.from([Buffer.alloc(4096)]) };
      expect(await tryOver(folder, { ...taken, parts })).toEqual(refusedAndLeft);
    }));

  it('because its definitions differ leaves the target as it was', () =>
    inFolder(async (folder) => {
      const details = { ...(taken.content.details as object), schemaFingerprint: 'another' };
      expect(await tryOver(folder, { ...taken, content: { ...taken.content, details } })).toEqual(refusedAndLeft);
    }));

  it('because the source was damaged leaves the target as it was', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'source.db');
      runSql(source, 'CREATE TABLE t (x); CREATE INDEX i ON t (x); INSERT INTO t VALUES (1), (2), (3)');
      const bytes = readFileSync(source);
      bytes.fill(0xee, 4096 + 8, 4096 + 16);
      writeFileSync(source, bytes);
      const damaged = await takeBackup(source);
      rmSync(source);
      expect(await tryOver(folder, damaged)).toEqual(refusedAndLeft);
    }));

  it('because the manifest is of another form says so', () =>
    inFolder(async (folder) => {
      const body = { ...bodyOf('sqlite', taken.content), details: { format: 'newer' } };
      const options = { dryRun: false, overwrite: false, swap: false, endSessions: false, skipOwners: false, connections: 1 };
      const restored = engine.restore(createContext(), { body, parts: taken.parts, target: `sqlite://${join(folder, 'app.db')}`, options });
      await expect(restored).rejects.toMatchObject({ code: 'BACKUP_NOT_READABLE', category: 'integrity' });
    }));
});

describe('a restore warns', () => {
  it('of foreign keys that lead nowhere, as in the source', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'source.db');
      runSql(source, 'PRAGMA foreign_keys = OFF; CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a REFERENCES a); INSERT INTO b VALUES (1), (2)');
      const { warnings } = await restoreTo(join(folder, 'app.db'), await takeBackup(source));
      expect(warnings.map(({ en }) => en)).toEqual([expect.stringContaining('2 rows have a foreign key that leads nowhere')]);
    }));

  it('of tables that need what only their application has, and checks the others', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'source.db');
      const { DatabaseSync } = await import('node:sqlite');
      const database = new DatabaseSync(source);
      database.function('shout', { deterministic: true }, (text) => `${String(text)}!`);
      database.exec('CREATE TABLE plain (x); CREATE TABLE loud (x); CREATE INDEX louder ON loud (shout(x)); INSERT INTO loud VALUES (1)');
      database.close();
      const { warnings, rows } = await restoreTo(join(folder, 'app.db'), await takeBackup(source));
      expect(warnings.map(({ en }) => en)).toEqual([expect.stringMatching(/^Not checked.*: loud\./)]);
      expect(rows).toBe(1);
    }));
});
