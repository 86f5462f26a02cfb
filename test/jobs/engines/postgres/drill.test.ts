import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DrillRequest, DrillResult } from '../../../../jobs/engines/engine.ts';
import { query, service } from '../../../services/database.ts';
import { beside, dropDatabasesLike, engineContext, postgresEngine, sample, takeBackup, type TakenBackup } from './fixture.ts';

const prefix = `drill_${randomBytes(4).toString('hex')}_`;
const server = service('TEST_DATABASE_URL');
const server18 = service('TEST_DATABASE_18_URL');
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'drills-'));
  await chmod(scratch, 0o711);
});

afterAll(async () => {
  await rm(scratch, { recursive: true });
  for (const url of [server, server18]) await dropDatabasesLike(url, prefix);
});

async function createFilled(url: string, name: string, sql: string, clauses = ''): Promise<string> {
  await query(url, `CREATE DATABASE ${prefix}${name} TEMPLATE template0 ${clauses}`);
  const source = beside(url, `${prefix}${name}`);
  await query(source, sql);
  return source;
}

function drill(backup: TakenBackup, request: Partial<DrillRequest> = {}): Promise<DrillResult> {
  return postgresEngine.drill(engineContext(), { ...backup, scratch, connections: 2, ...request });
}

/** What the checks of a result compared, by their names. */
function compared({ checks }: DrillResult): Record<string, number> {
  return Object.fromEntries(checks.map((check) => [check.name, check.compared]));
}

describe('a drill of a good backup', () => {
  it.each([
    ['15', server, 'every-kind'],
    ['18', server18, 'every-kind'],
    ['15', server, 'shop'],
  ] as const)('passes and leaves nothing: PostgreSQL %s, %s', async (version, url, name) => {
    const backup = await takeBackup(await createFilled(url, `${name.replace('-', '_')}_${version}`, await sample(name)), { globals: true });
    const result = await drill(backup);
    expect(result.findings).toEqual([]);
    expect(result.checks.filter(({ differing }) => differing > 0)).toEqual([]);
    const tables = backup.body.streams.filter(({ kind }) => kind === 'table').length;
    const sequences = backup.body.streams.find(({ kind }) => kind === 'sequences')?.rows;
    const objects = name === 'every-kind' ? 3 : 0;
    expect(compared(result)).toEqual({ rows: tables, content: tables, sequences, 'large-objects': objects, schema: expect.any(Number), globals: expect.any(Number) });
    expect(compared(result)['schema']).toBeGreaterThan(tables);
    expect(compared(result)['globals']).toBeGreaterThan(2);
    expect(result.warnings).toEqual([]);
    expect(result.restoredInto).toMatch(new RegExp(`^PostgreSQL ${version}\\.`));
    expect(await readdir(scratch)).toEqual([]);
  });
});
