import { closeSync, openSync } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { firstFrom, framePosition, readOverlay, type WalOverlay } from '../../../../../jobs/engines/sqlite/read/wal.ts';
import { checksum } from '../../../../../jobs/engines/sqlite/read/wal-checksum.ts';
import { readWalIndex, type WalIndex } from '../../../../../jobs/engines/sqlite/read/wal-index.ts';
import { inFolder } from '../fixture.ts';

const { signal } = new AbortController();

/** Makes a database whose content is all in its log; gives the log and what its index says. */
async function makeLog(work: (log: Buffer, index: WalIndex, folder: string) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const path = join(folder, 'source.db');
    const database = new DatabaseSync(path);
    database.exec(`PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (id INTEGER PRIMARY KEY, x);
      WITH RECURSIVE s(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM s WHERE v < 100) INSERT INTO t SELECT v, randomblob(500) FROM s;
      UPDATE t SET x = randomblob(500) WHERE id < 20`);
    const index = openSync(`${path}-shm`, 'r');
    const file = await open(`${path}-wal`, 'r');
    try {
      await work(await file.readFile(), readWalIndex(index) as WalIndex, folder);
    } finally {
      await file.close();
      database.close();
      closeSync(index);
    }
  });
}

async function overlayOf(log: Buffer, index: WalIndex, folder: string): Promise<WalOverlay | undefined> {
  const path = join(folder, 'log');
  await writeFile(path, log);
  const file = await open(path, 'r');
  return readOverlay(file, index, signal).finally(() => void file.close());
}

/** The checksum as a machine of the other byte order computes it. */
function foreignChecksum(bytes: Buffer, start: [number, number]): [number, number] {
  const words = new Uint32Array(new Uint8Array(Buffer.from(bytes).swap32()).buffer);
  return checksum(words, 0, words.length, ...start);
}

describe('a write-ahead log', () => {
  it('gives the newest frame of each page', () =>
    makeLog(async (log, index, folder) => {
      const newest = new Map<number, number>();
      for (let frame = 1; frame <= index.frames; frame += 1) {
        newest.set(log.readUInt32BE(framePosition(frame, index.pageSize) - 24), frame);
      }
      const overlay = (await overlayOf(log, index, folder)) as WalOverlay;
      expect([...overlay.pages].map((page, at) => [page, overlay.frames[at]])).toEqual([...newest].toSorted(([a], [b]) => a - b));
      expect(newest.size).toBeLessThan(index.frames);
      expect([0, 1, 2, 1000].map((page) => firstFrom(overlay, page))).toEqual([0, 0, 1, overlay.pages.length]);
    }));

  it('is refused where a bit of a page, a page number, a salt or the end is not what the index promises', () =>
    makeLog(async (log, index, folder) => {
      const frame = framePosition(3, index.pageSize) - 24;
      for (const at of [frame + 24 + 777, frame + 3, frame + 9, 17, log.length - 1]) {
        const changed = Buffer.from(log);
        changed[at] = (changed[at] ?? 0) ^ 1;
        expect(await overlayOf(changed, index, folder)).toBeUndefined();
      }
      expect(await overlayOf(log.subarray(0, -1), index, folder)).toBeUndefined();
      expect(await overlayOf(log, { ...index, frames: index.frames - 1 }, folder)).toBeUndefined();
      expect(await overlayOf(log, { ...index, pageCount: index.pageCount + 1 }, folder)).toBeUndefined();
    }));

  it('is read with checksums of either byte order', () =>
    makeLog(async (log, index, folder) => {
      // The same log as a machine of the other byte order would have written it.
      const frameBytes = index.pageSize + 24;
      const other = Buffer.from(log.subarray(0, 32 + index.frames * frameBytes));
      other.writeUInt32BE(other.readUInt32BE(0) ^ 1, 0);
      let sums = foreignChecksum(other.subarray(0, 24), [0, 0]);
      other.writeUInt32BE(sums[0], 24);
      other.writeUInt32BE(sums[1], 28);
      for (let start = 32; start < other.length; start += frameBytes) {
        sums = foreignChecksum(other.subarray(start + 24, start + frameBytes), foreignChecksum(other.subarray(start, start + 8), sums));
      }
      const expected = await overlayOf(log, index, folder);
      expect(await overlayOf(other, { ...index, checksum: sums }, folder)).toEqual(expected);
      expect(expected).toBeDefined();
    }));
});
