import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { DrillRequest, DrillResult, EngineContext } from '../../../../jobs/engines/engine.ts';
import { encodingErrors } from '../../../../src/repository/encoding/encoding-errors.ts';
import { bodyOf } from '../memory-parts.ts';
import { createContext, engine, inFolder, query, runSql, takeBackup, type Taken } from './fixture.ts';

const shop = `CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
  CREATE TABLE orders (id INTEGER PRIMARY KEY, product INTEGER REFERENCES products);
  CREATE INDEX by_product ON orders (product);
  INSERT INTO products SELECT value, 'product ' || value || hex(randomblob(500)) FROM generate_series(1, 400);
  INSERT INTO orders SELECT value, 1 + value % 400 FROM generate_series(1, 1000)`;

/** Backs the shop up and drills it; `scratch` is empty before, and has to be afterwards. */
async function drillShop(change: (taken: Taken, scratch: string) => { request?: Partial<DrillRequest>; context?: Partial<EngineContext> } = () => ({}), damage: (path: string) => void = () => undefined): Promise<DrillResult> {
  return inFolder(async (folder) => {
    const source = join(folder, 'shop.db');
    runSql(source, shop.replaceAll(/SELECT (.*?) FROM generate_series\(1, (\d+)\)/g, 'WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < $2) SELECT $1 FROM n'));
    damage(source);
    const taken = await takeBackup(source);
    const scratch = join(folder, 'scratch');
    await mkdir(scratch);
    const { request, context } = change(taken, scratch);
    try {
      return await engine.drill({ ...createContext(), ...context }, { body: bodyOf('sqlite', taken.content), parts: taken.parts, scratch, connections: 1, ...request });
    } finally {
      expect(await readdir(scratch)).toEqual([]);
    }
  });
}

describe('a drill of an SQLite backup', () => {
  it('passes for a good one, and says what it compared', async () => {
    const result = await drillShop();
    expect(result).toMatchObject({ findings: [], tables: 2, rows: 1400, warnings: [], restoredInto: expect.stringMatching(/^SQLite 3\.\d+/) });
    const parts = Math.ceil(result.bytes / 65_536);
    expect(parts).toBeGreaterThan(5);
    expect(result.checks).toEqual([
      { name: 'content', compared: parts, differing: 0 },
      { name: 'schema', compared: 2, differing: 0 },
      { name: 'integrity', compared: 2, differing: 0 },
      { name: 'foreign-keys', compared: 2, differing: 0 },
    ]);
  });

  it('finds a byte that changed after the restore, and names the part', async () => {
    let part: string | undefined;
    const result = await drillShop(({ content }, scratch) => {
      part = content.streams[0]?.slices[3]?.part;
      const phase = (name: string, total?: number) => {
        // The restore's own phase of this name has no total: this is the comparison's, which comes after.
        if (name !== 'checking' || total === undefined) return;
        const path = join(scratch, readdirSync(scratch)[0] ?? '', 'restored.db');
        const bytes = readFileSync(path);
        bytes[3 * 65_536 + 40_000] = (bytes[3 * 65_536 + 40_000] ?? 0) ^ 1;
        chmodSync(path, 0o600);
        writeFileSync(path, bytes);
      };
      return { context: { progress: { phase, advance: () => undefined } } };
    });
    expect(result.findings).toEqual([{ check: 'content', object: 'bytes 196608 to 262144', part, expected: expect.stringMatching(/^part 4 of /), found: 'other bytes' }]);
    expect(result.checks.find(({ name }) => name === 'content')?.differing).toBe(1);
  });

  it('names the part that the store holds no more as it was', async () => {
    let part: string | undefined;
    const { checks, findings } = await drillShop(({ content, parts }) => {
      part = content.streams[0]?.slices[2]?.part;
      const readAll: DrillRequest['parts']['readAll'] = async function* (slices) {
        for (const slice of slices) {
          if (slice.part === part) throw encodingErrors.OBJECT_CORRUPT({ object: `parts/${part}`, reason: 'its content is not what its name is the hash of' });
          yield await parts.read(slice);
        }
      };
      return { request: { parts: { ...parts, readAll } } };
    });
    expect(checks).toEqual([{ name: 'content', compared: 1, differing: 1 }]);
    expect(findings).toEqual([{ check: 'content', object: 'the file', part, expected: '65536 bytes whose hash is the part’s name', found: expect.stringContaining('is not what was stored') }]);
  });

  it('finds that the database was damaged already when it was backed up', async () => {
    const { findings } = await drillShop(undefined, (path) => {
      const [index] = query(path, "SELECT (rootpage - 1) * 4096 AS place FROM sqlite_schema WHERE name = 'by_product'");
      writeFileSync(path, readFileSync(path).fill(0x7f, Number(index?.['place']) + 8, Number(index?.['place']) + 4096));
    });
    expect(findings).toEqual([{ check: 'integrity', object: 'the restored file', expected: expect.any(String), found: expect.stringContaining('was damaged already') }]);
  });

  it('runs assertions read-only and says which statement does not hold, and why', async () => {
    const assertions = `SELECT count(*) = 400 FROM products;
      SELECT id FROM orders WHERE product NOT IN (SELECT id FROM products);
      -- None of these holds.
      SELECT count(*) FROM orders;
      SELECT 1, 1;
      SELECT NULL;
      DELETE FROM orders;
      SELECT missing FROM orders`;
    const { checks, findings } = await drillShop(() => ({ request: { assertions } }));
    expect(checks.at(-1)).toEqual({ name: 'assertions', compared: 7, differing: 5 });
    expect(findings.map(({ object, found }) => [object, found])).toEqual([
      ['line 4: SELECT count(*) FROM orders', 'the row [1000]'],
      ['line 5: SELECT 1, 1', 'the row [1,1]'],
      ['line 6: SELECT NULL', 'the row [null]'],
      ['line 7: DELETE FROM orders', expect.stringContaining('readonly')],
      ['line 8: SELECT missing FROM orders', expect.stringContaining('no such column')],
    ]);
  });

  it('refuses assertions that are no SQL before it restores anything', async () => {
    await expect(drillShop(() => ({ request: { assertions: '.tables' } }))).rejects.toMatchObject({ code: 'DRILL_ASSERTIONS_INVALID', category: 'usage' });
  });

  it('could not run where there is no room, and says how much is needed', async () => {
    const drilling = drillShop(({ content }) => {
      const body = bodyOf('sqlite', content);
      const streams = body.streams.map((stream) => ({ ...stream, bytes: 4096 * 2 ** 40 }));
      return { request: { body: { ...body, details: { ...(body.details as object), pageSize: 4096, pageCount: 2 ** 40 }, streams } } };
    });
    await expect(drilling).rejects.toMatchObject({ code: 'DRILL_SPACE_MISSING', category: 'usage' });
  });

  it('could not run in a folder that is not there', async () => {
    await expect(drillShop(() => ({ request: { scratch: '/nowhere/at/all' } }))).rejects.toMatchObject({ code: 'DRILL_SCRATCH_UNUSABLE' });
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    const reason = new Error('stopped by a person');
    const phase = (name: string) => void (name === 'writing' && stop.abort(reason));
    await expect(drillShop(() => ({ context: { signal: stop.signal, progress: { phase, advance: () => undefined } } }))).rejects.toBe(reason);
  });
});
