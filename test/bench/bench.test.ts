import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildShop } from '../../bench/shop/build.ts';
import { shopTables } from '../../bench/shop/tables.ts';
import { temporaryFolder } from '../jobs/holdfast.ts';
import { createDatabase, query, service } from '../services/database.ts';

const run = promisify(execFile);
const main = join(import.meta.dirname, '..', '..', 'bench', 'main.ts');

/** Each builds a database of 306 tables; milliseconds. */
const slow = 300_000;

interface Figures {
  readonly suites: readonly {
    readonly measurements: readonly { readonly name: string; readonly samples: readonly { readonly written?: number; readonly newShare?: number; readonly peaks: { readonly byProgram: Record<string, number> } }[] }[];
    readonly goals: readonly { readonly figure: string; readonly measured?: number; readonly verdict: string }[];
  }[];
}

describe('bench', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  beforeAll(() => {
    folder = temporaryFolder('bench');
  });
  afterAll(() => folder.remove());

  it('measures backups at a tiny size, compares them with its goals, and leaves nothing on the server', async () => {
    const server = service('TEST_DATABASE_URL');
    const json = join(folder.path, 'figures.json');
    const { stdout } = await run(process.execPath, [
      main, 'backup', '--server', server, '--size', '0.002', '--rounds', '1', '--only', 'first backup|1 %|gzip$', '--folder', join(folder.path, 'bench'), '--json', json,
    ]);
    expect(stdout).toContain('1 % updated in one key range, new bytes');

    const { suites } = JSON.parse(await readFile(json, 'utf8')) as Figures;
    const sampleOf = (name: string) => suites[0]?.measurements.find((measurement) => measurement.name === name)?.samples[0];
    const [first, updated, gzip] = ['holdfast, first backup', 'holdfast, 1 % updated', 'pg_dump -Fp | gzip'].map(sampleOf);
    expect(first?.newShare).toBe(1);
    expect(first?.peaks.byProgram['node']).toBeGreaterThan(30 * 2 ** 20);
    expect(updated?.newShare).toBeGreaterThan(0);
    expect(updated?.newShare).toBeLessThan(1);
    expect(updated?.written).toBeLessThan(first?.written ?? 0);
    expect(gzip?.written).toBeGreaterThan(100_000);
    expect(suites[0]?.goals.map(({ measured, verdict }) => [measured === undefined, verdict === 'not measured'])).toEqual([
      [false, false], [true, true], [false, false], [false, false], [false, false], [true, true],
    ]);

    expect(await query(server, "SELECT datname FROM pg_database WHERE datname LIKE 'holdfast\\_bench\\_%'")).toEqual([]);
  }, slow);

  it('builds the same rows on every server', async () => {
    const contents = await Promise.all(['TEST_DATABASE_URL', 'TEST_DATABASE_18_URL'].map((variable) => digestsOfShop(service(variable))));
    expect(contents[0]).toEqual(contents[1]);
    expect(new Set(Object.values(contents[0] ?? {})).size).toBe(shopTables(1).length + 1);
  }, slow);
});

/** One hash for each of the large tables and one of the small ones. */
async function digestsOfShop(server: string): Promise<Record<string, string>> {
  const database = await createDatabase(server);
  try {
    await buildShop({ url: database.url, signal: new AbortController().signal }, 0.001);
    const digests: Record<string, string> = {};
    for (const name of [...shopTables(1).map((table) => table.name), 'lookup_300']) {
      const [row] = await query(database.url, `SELECT string_agg(t::text, E'\\n' ORDER BY t::text COLLATE "C") AS content FROM ${name} AS t`);
      digests[name] = createHash('sha256').update(String(row?.['content'])).digest('hex');
    }
    return digests;
  } finally {
    await database.drop();
  }
}
