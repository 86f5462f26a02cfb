import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { longestWholeRow } from '../../../../jobs/engines/postgres/read/row-cutter.ts';
import { createDatabase, query, service } from '../../../services/database.ts';
import { backUp, createCountingSink, servers, tableStream } from './backup-fixture.ts';

const mebibyte = 1024 * 1024;

function percentage(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(2)} %`;
}

describe.each(servers)('what a backup of PostgreSQL $version costs', ({ version, url }) => {
  it('is new bytes for what changed: appended rows, rows updated in one range', async () => {
    const database = await createDatabase(url());
    try {
      await query(
        database.url,
        `CREATE TABLE events (id bigint PRIMARY KEY, at timestamptz, customer int, note text);
         INSERT INTO events SELECT n, '2026-01-01'::timestamptz + n * interval '1 second', n % 1000, md5(n::text) || md5((n + 1)::text) FROM generate_series(1, 1500000) n;
         ANALYZE events`,
      );
      const sink = createCountingSink();
      const measure = async (change: string) => {
        await query(database.url, change);
        const before = sink.newBytes;
        const content = await backUp(database.url, sink);
        expect(tableStream(content, 'events').details.keyColumns).toBe(1);
        return { new: sink.newBytes - before, all: tableStream(content, 'events').bytes };
      };
      const first = await measure('SELECT 1');
      expect(first.all).toBeGreaterThan(140_000_000);
      const appended = await measure(`INSERT INTO events SELECT n, now(), 1, md5(n::text) FROM generate_series(1500001, 1515000) n`);
      const updated = await measure(`UPDATE events SET note = 'changed' WHERE id BETWEEN 700000 AND 715000`);
      const nothing = await measure('VACUUM events');
      process.stdout.write(
        `PostgreSQL ${version}, ${first.all} bytes: new after 1 % appended ${percentage(appended.new, first.all)}, after 1 % updated ${percentage(updated.new, first.all)}, unchanged ${percentage(nothing.new, first.all)}\n`,
      );
      expect(appended.new / first.all).toBeLessThan(0.02);
      expect(updated.new / first.all).toBeLessThan(0.03);
      expect(nothing.new / first.all).toBeLessThan(0.001);
    } finally {
      await database.drop();
    }
  });

  it('reads a large table in ranges of pages when its key runs across the heap, and gives every row once', async () => {
    const database = await createDatabase(url());
    try {
      await query(
        database.url,
        `CREATE TABLE scattered (pad text, id uuid PRIMARY KEY);
         INSERT INTO scattered SELECT repeat(md5(n::text), 10), md5(n::text)::uuid FROM generate_series(1, 300000) n; ANALYZE scattered`,
      );
      const run = async (connections: number) => {
        const rows = new Set<string>();
        let count = 0;
        const sink = {
          async write(raw: Buffer) {
            for (const match of raw.toString('latin1').matchAll(/^[0-9a-f-]{36}(?=\t)/gm)) {
              rows.add(match[0]);
              count += 1;
            }
            return { name: createHash('sha256').update(raw).digest('hex'), raw: raw.length };
          },
        };
        const stream = tableStream(await backUp(database.url, sink, { connections }), 'scattered');
        expect([count, rows.size, stream.rows]).toEqual([300_000, 300_000, 300_000]);
        expect([stream.details.keyColumns, stream.details.columns]).toEqual([0, ['id', 'pad']]);
        return stream;
      };
      expect(await run(3)).toEqual(await run(1));
    } finally {
      await database.drop();
    }
  });

  it('reads a large table along a key of several columns, in ranges, and gives every row once', async () => {
    const database = await createDatabase(url());
    try {
      await query(
        database.url,
        `CREATE TABLE measured (value text, station text COLLATE "C", at timestamptz, no numeric, PRIMARY KEY (station, at, no));
         INSERT INTO measured SELECT repeat(md5(n::text), 10), E'st\\\\a''' || (n / 100000), '2026-01-01'::timestamptz + n / 3 * interval '1 minute', n % 3 FROM generate_series(1, 300000) n;
         ANALYZE measured`,
      );
      const one = tableStream(await backUp(database.url, createCountingSink(), { connections: 1 }), 'measured');
      const three = tableStream(await backUp(database.url, createCountingSink(), { connections: 3 }), 'measured');
      expect(one.rows).toBe(300_000);
      expect(one.details.keyColumns).toBe(3);
      expect(three).toEqual(one);
    } finally {
      await database.drop();
    }
  });

  it('is bounded memory, however wide a row is', async () => {
    const database = await createDatabase(url());
    try {
      await query(
        database.url,
        `CREATE TABLE wide (id int PRIMARY KEY, content text); ALTER TABLE wide ALTER content SET STORAGE EXTERNAL;
         INSERT INTO wide VALUES (1, repeat('0123456789abcdef', 12000000)), (2, 'narrow');`,
      );
      let largest = 0;
      let memory = 0;
      const before = process.memoryUsage().arrayBuffers;
      const sink = {
        async write(raw: Buffer) {
          largest = Math.max(largest, raw.length);
          memory = Math.max(memory, process.memoryUsage().arrayBuffers - before);
          return { name: createHash('sha256').update(raw).digest('hex'), raw: raw.length };
        },
      };
      const stream = tableStream(await backUp(database.url, sink, { connections: 1 }), 'wide');
      expect([stream.rows, stream.bytes]).toEqual([2, 192_000_003 + 9]);
      expect(largest).toBe(longestWholeRow);
      expect(stream.slices.map(({ rows }) => rows)).toEqual([...Array.from({ length: 45 }, () => 0), 1, 1]);
      expect(memory).toBeLessThan(160 * mebibyte);
      const row = Buffer.concat([Buffer.from('1\t'), Buffer.alloc(192_000_000, '0123456789abcdef'), Buffer.from('\n')]);
      const pieces = stream.slices.slice(0, -1).map((_, index) => row.subarray(index * longestWholeRow, (index + 1) * longestWholeRow));
      expect(stream.slices.map(({ part }) => part)).toEqual([...pieces, '2\tnarrow\n'].map((raw) => createHash('sha256').update(raw).digest('hex')));
    } finally {
      await database.drop();
    }
  });
});

describe('a backup of very many tables', () => {
  it('takes seconds', async () => {
    const database = await createDatabase(service('TEST_DATABASE_URL'));
    try {
      for (let group = 0; group < 10; group += 1) {
        await query(
          database.url,
          `DO $$ BEGIN FOR i IN 1..500 LOOP
             EXECUTE format('CREATE TABLE t_%1$s_%2$s (id serial PRIMARY KEY, name text)', ${group}, i);
             IF i % 2 = 0 THEN EXECUTE format('INSERT INTO t_%1$s_%2$s (name) SELECT md5(n::text) FROM generate_series(1, 10) n', ${group}, i); END IF;
           END LOOP; END $$`,
        );
      }
      const sink = createCountingSink();
      const started = Date.now();
      const content = await backUp(database.url, sink, { connections: 2 });
      const seconds = (Date.now() - started) / 1000;
      process.stdout.write(`5,000 tables in ${seconds.toFixed(1)} s\n`);
      expect([content.tables, content.rows]).toEqual([5_000, 25_000]);
      expect(content.streams.at(-1)?.rows).toBe(5_000);
      expect(seconds).toBeLessThan(60);
    } finally {
      await database.drop();
    }
  });
});
