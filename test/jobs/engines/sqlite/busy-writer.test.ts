import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { createMemoryParts, type MemoryParts } from '../memory-parts.ts';
import { createBusyDatabase, expectOneState, kill, startProgram } from './busy-database.ts';
import { bytesOf, inFolder, takeBackup } from './fixture.ts';

interface Traffic {
  readonly name: string;
  readonly pragmas: string;
  readonly autocheckpoint: number;
  readonly checkpoints?: readonly string[];
  readonly backups: number;
}

const traffic: readonly Traffic[] = [
  { name: 'the log small', pragmas: 'PRAGMA journal_mode = wal', autocheckpoint: 10, backups: 12 },
  { name: 'the log at its default size', pragmas: 'PRAGMA journal_mode = wal', autocheckpoint: 1000, backups: 12 },
  { name: 'a log that grows', pragmas: 'PRAGMA journal_mode = wal', autocheckpoint: 0, backups: 8 },
  { name: 'small pages', pragmas: 'PRAGMA page_size = 512; PRAGMA journal_mode = wal', autocheckpoint: 500, backups: 8 },
  { name: 'checkpoints that begin the log anew', pragmas: 'PRAGMA journal_mode = wal', autocheckpoint: 0, checkpoints: ['RESTART', 'PASSIVE'], backups: 20 },
  { name: 'checkpoints that cut the log', pragmas: 'PRAGMA journal_mode = wal', autocheckpoint: 1000, checkpoints: ['TRUNCATE'], backups: 20 },
  { name: 'no log, a journal that is deleted', pragmas: 'PRAGMA journal_mode = delete', autocheckpoint: 0, backups: 8 },
  { name: 'no log, a journal that stays', pragmas: 'PRAGMA journal_mode = persist', autocheckpoint: 0, backups: 8 },
];

/** Takes its time, so that the snapshot is held while the writer and its checkpoints go far beyond it. */
function createSlowParts(): MemoryParts {
  const parts = createMemoryParts();
  return {
    ...parts,
    write: async (raw) => {
      if (parts.stored.size % 10 === 5) await sleep(5);
      return parts.write(raw);
    },
  };
}

describe('backups while another process writes as fast as it can', () => {
  for (const { name, pragmas, autocheckpoint, checkpoints = [], backups } of traffic) {
    it(`each end and hold one state: ${name}`, () =>
      inFolder(async (folder) => {
        const source = join(folder, 'source.db');
        createBusyDatabase(source, pragmas);
        const programs = [await startProgram('transfer', source, autocheckpoint)];
        try {
          for (const mode of checkpoints) programs.push(await startProgram('checkpoint', source, mode));
          const seen: number[] = [];
          for (let round = 0; round < backups; round += 1) {
            const target = join(folder, 'target.db');
            await writeFile(target, await bytesOf(await takeBackup(source, createSlowParts())));
            seen.push(expectOneState(target));
            await rm(target);
          }
          // The writer went on meanwhile, and no backup is older than the one before.
          expect(seen).toEqual(seen.toSorted((a, b) => a - b));
          expect(seen.at(-1)).toBeGreaterThan(seen[0] ?? 0);
        } finally {
          await kill(programs);
        }
      }));
  }
});
