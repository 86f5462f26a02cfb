import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { codeOf } from '../../../../src/operations/errors.ts';
import { bodyOf } from '../memory-parts.ts';
import { kill } from './busy-database.ts';
import { createContext, engine, inFolder, query, restoreTo, runSql, takeBackup } from './fixture.ts';

const program = fileURLToPath(new URL('restore-program.ts', import.meta.url));

function makeDatabase(path: string, name: string, rows: number): void {
  runSql(path, `CREATE TABLE state (name TEXT); INSERT INTO state VALUES ('${name}'); CREATE TABLE filler (x);
    WITH RECURSIVE s(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM s WHERE v < ${rows}) INSERT INTO filler SELECT randomblob(900) FROM s`);
}

/** Starts a restore in a process of its own, and waits until it has the backup and begins to write. */
async function startRestore(source: string, target: string) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, source, target], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

describe('a restore that is killed', () => {
  it('leaves the target whole, old or new, and the next one cleans up', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'source.db');
      makeDatabase(source, 'new', 20_000);
      mkdirSync(join(folder, 'data'));
      const target = join(folder, 'data', 'app.db');
      makeDatabase(target, 'old', 500);

      const whole = await startRestore(source, target);
      const startedAt = performance.now();
      await once(whole, 'exit');
      const duration = performance.now() - startedAt;

      let interrupted = 0;
      for (let round = 0; round < 12; round += 1) {
        for (const name of readdirSync(join(folder, 'data'))) if (name.includes('.before-')) rmSync(join(folder, 'data', name));
        rmSync(target);
        makeDatabase(target, 'old', 500);
        const child = await startRestore(source, target);
        await sleep((duration * round) / 12);
        if (child.exitCode === null) interrupted += 1;
        await kill([child]);
        expect(query(target, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
        expect(['old', 'new']).toContain(query(target, 'SELECT name FROM state')[0]?.['name']);
      }
      // How many depends on how busy the machine is; the first kill comes before anything is written.
      expect(interrupted).toBeGreaterThan(0);

      await once(await startRestore(source, target), 'exit');
      expect(query(target, 'SELECT name FROM state')).toEqual([{ name: 'new' }]);
      expect(readdirSync(join(folder, 'data')).filter((name) => name.includes('.restoring-'))).toEqual([]);
    }));

  it('by an abort leaves nothing', () =>
    inFolder(async (folder) => {
      const source = join(folder, 'source.db');
      makeDatabase(source, 'new', 20_000);
      const { content, parts } = await takeBackup(source);
      for (const phase of ['writing', 'checking']) {
        const controller = new AbortController();
        const context = {
          ...createContext(controller.signal),
          progress: {
            phase: (name: string) => void (name === phase && phase === 'checking' && setTimeout(() => controller.abort(new Error('stopped')), 20)),
            advance: () => void (phase === 'writing' && controller.abort(new Error('stopped'))),
          },
        };
        const options = { dryRun: false, overwrite: false, swap: false, endSessions: false, skipOwners: false, connections: 1 };
        const restored = engine.restore(context, { body: bodyOf('sqlite', content), parts, target: `sqlite://${join(folder, 'app.db')}`, options });
        await expect(restored).rejects.toThrow(/stopped|aborted/);
        expect(readdirSync(folder)).toEqual(['source.db']);
      }
    }));
});

/** Calls `work` with a small file system in memory. */
async function onSmallVolume(sizeMiB: number, work: (volume: string) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const volume = join(folder, 'volume');
    mkdirSync(volume);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'tmpfs', volume], { stdio: 'pipe' });
    try {
      await work(volume);
    } finally {
      execFileSync('umount', [volume]);
    }
  });
}

const canMount = await onSmallVolume(1, async () => undefined).then(() => true, () => false);

(canMount ? describe : describe.skip)('on a volume of its own (needs to mount a tmpfs)', () => {
  it('a restore that does not fit is refused before it writes, and one that runs full leaves nothing', () =>
    onSmallVolume(20, (volume) =>
      inFolder(async (folder) => {
        const source = join(folder, 'source.db');
        makeDatabase(source, 'new', 16_000);
        const taken = await takeBackup(source);
        const target = join(volume, 'app.db');
        makeDatabase(target, 'old', 5000);
        expect(statSync(source).size).toBeLessThan(20 * 2 ** 20);
        expect(await restoreTo(target, taken, { swap: true }).then(() => 'none', codeOf)).toBe('RESTORE_SPACE_MISSING');

        rmSync(target);
        makeDatabase(target, 'old', 1);
        // The space is there when it is looked at, and gone when it is needed.
        const parts = { ...taken.parts };
        parts.readAll = async function* readAll(slices) {
          execFileSync('dd', ['if=/dev/zero', `of=${join(volume, 'other')}`, 'bs=1M', 'count=10'], { stdio: 'ignore' });
          yield* taken.parts.readAll(slices);
        };
        expect(await restoreTo(target, { ...taken, parts }, { swap: true }).then(() => 'none', codeOf)).toBe('RESTORE_SPACE_MISSING');
        expect(readdirSync(volume).toSorted()).toEqual(['app.db', 'other']);
        expect(query(target, 'SELECT name FROM state')).toEqual([{ name: 'old' }]);
      }),
    ));

  it('a backup from a read-only volume works without a log, and is refused with one', () =>
    onSmallVolume(20, async (volume) => {
      makeDatabase(join(volume, 'plain.db'), 'x', 10);
      makeDatabase(join(volume, 'logged.db'), 'x', 10);
      runSql(join(volume, 'logged.db'), 'PRAGMA journal_mode = wal');
      execFileSync('mount', ['-o', 'remount,ro', volume]);
      expect((await takeBackup(join(volume, 'plain.db'))).content.tables).toBe(2);
      await expect(takeBackup(join(volume, 'logged.db'))).rejects.toMatchObject({ code: 'SQLITE_WAL_NOT_WRITABLE', category: 'source' });
      const taken = await takeBackup(join(volume, 'plain.db'));
      await expect(restoreTo(join(volume, 'app.db'), taken)).rejects.toMatchObject({ category: 'source' });
    }));
});
