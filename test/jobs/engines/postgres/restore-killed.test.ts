import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { query, service } from '../../../services/database.ts';
import { beside, databasesLike, dropDatabasesLike, engineContext, postgresEngine, queryIn, restoreOptions, sample, takeBackup, type TakenBackup } from './fixture.ts';

const prefix = `killed_${randomBytes(4).toString('hex')}_`;
const server = service('TEST_DATABASE_URL');
const source = beside(server, `${prefix}shop`);
const program = fileURLToPath(new URL('restore-program.ts', import.meta.url));
const complete = [{ rows: 4000 }];
/** What killed restores leave there is removed a day later by the next one. */
let temporary: string;
let shop: TakenBackup;

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'holdfast-killed-'));
  await query(server, `CREATE DATABASE ${prefix}shop TEMPLATE template0`);
  await query(source, `SET sample.scale = 4; ${await sample('shop')}`);
  shop = await takeBackup(source);
});

afterAll(async () => {
  await rm(temporary, { recursive: true });
  await dropDatabasesLike(server, prefix);
});

/** Starts a restore in a process of its own and kills it `delay` ms after it has entered the phase. */
async function killIn(phase: string, delay: number, target: string, mode: 'create' | 'swap'): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, [program, source, target, mode], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, TMPDIR: temporary } });
  const exited = once(child, 'exit');
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) {
    if (line !== phase) continue;
    await sleep(delay);
    break;
  }
  child.kill('SIGKILL');
  await exited;
}

/** Ends what a killed process left running on the server, as the server itself does in time. */
async function endSessions(name: string): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    const rows = await query(server, 'SELECT count(pg_terminate_backend(pid))::int AS ended FROM pg_stat_activity WHERE starts_with(datname, $1)', [`${name}_restoring_`]);
    if (rows[0]?.['ended'] === 0) return;
    await sleep(50);
  }
}

describe('a restore killed by SIGKILL', () => {
  it.each([
    ['definitions', 0],
    ['definitions', 60],
    ['loading', 0],
    ['loading', 50],
    ['indexes', 20],
    ['analyzing', 10],
    ['checking', 0],
  ])('in the phase %s after %i ms leaves the target absent or complete, and the next one cleans up', async (phase, delay) => {
    const name = `${prefix}${phase}_${delay}`;
    await killIn(phase, delay, beside(server, name), 'create');
    // What it had sent to the server may still be going on.
    await sleep(200);
    const isThere = (await databasesLike(server, name)).includes(name);
    expect(isThere ? await queryIn(server, name, 'SELECT count(*)::int AS rows FROM shop.orders') : complete).toEqual(complete);
    await endSessions(name);
    await postgresEngine.restore(engineContext(), { ...shop, target: beside(server, `${name}_next`), options: restoreOptions });
    expect((await databasesLike(server, name)).filter((database) => database.includes('_restoring_'))).toEqual([]);
  });

  it('leaves an existing database marked, so that the next restore says what is in it', async () => {
    const name = `${prefix}in_place`;
    await query(server, `CREATE DATABASE ${name} TEMPLATE template0`);
    await killIn('indexes', 10, beside(server, name), 'create');
    const restoring = postgresEngine.restore(engineContext(), { ...shop, target: beside(server, name), options: restoreOptions });
    await expect(restoring).rejects.toMatchObject({ code: 'RESTORE_TARGET_UNFINISHED', category: 'safety' });
    await endSessions(name);
    await postgresEngine.restore(engineContext(), { ...shop, target: beside(server, name), options: { ...restoreOptions, overwrite: true, endSessions: true } });
    expect(await queryIn(server, name, 'SELECT count(*)::int AS rows FROM shop.orders')).toEqual(complete);
  });

  it('with --swap leaves the target as it was or replaced as a whole', async () => {
    const name = `${prefix}swap`;
    await query(server, `CREATE DATABASE ${name}`);
    await queryIn(server, name, "CREATE TABLE mine AS SELECT 'old' AS content");
    await killIn('checking', 1, beside(server, name), 'swap');
    await sleep(200);
    const isReplaced = (await databasesLike(server, name)).some((database) => database.includes('_before_'));
    const found = await queryIn(server, name, isReplaced ? 'SELECT count(*)::int AS rows FROM shop.orders' : 'SELECT content FROM mine');
    expect(found).toEqual(isReplaced ? complete : [{ content: 'old' }]);
  });
});
