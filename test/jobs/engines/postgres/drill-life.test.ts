import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, readlink, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DrillRequest, DrillResult, EngineContext } from '../../../../jobs/engines/engine.ts';
import { query, service } from '../../../services/database.ts';
import { beside, dropDatabasesLike, engineContext, postgresEngine, sample, takeBackup, type TakenBackup } from './fixture.ts';

const prefix = `drill_life_${randomBytes(4).toString('hex')}_`;
const server = service('TEST_DATABASE_URL');
const source = beside(server, `${prefix}shop`);
const program = fileURLToPath(new URL('drill-program.ts', import.meta.url));
let scratch: string;
let shop: TakenBackup;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'drills-'));
  await chmod(scratch, 0o711);
  await query(server, `CREATE DATABASE ${prefix}shop TEMPLATE template0`);
  await query(source, await sample('shop'));
  shop = await takeBackup(source);
});

afterAll(async () => {
  await rm(scratch, { recursive: true });
  await dropDatabasesLike(server, prefix);
});

afterEach(expectNothingLeft);

async function expectNothingLeft(): Promise<void> {
  expect(await readdir(scratch)).toEqual([]);
  expect(await serversIn(scratch)).toEqual([]);
}

/** Ids of the PostgreSQL processes that work below a folder. */
async function serversIn(folder: string): Promise<number[]> {
  const found: number[] = [];
  for (const id of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const works = await readlink(`/proc/${id}/cwd`).catch(() => '');
    if (works.startsWith(`${folder}/`) && works.includes('/data')) found.push(Number(id));
  }
  return found;
}

/** Kills the server itself: the processes that it started end with it. */
async function killServer(): Promise<void> {
  const [folder = ''] = await readdir(scratch);
  process.kill(await postmasterOf(folder), 'SIGKILL');
}

async function postmasterOf(folder: string): Promise<number> {
  return Number((await readFile(join(scratch, folder, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

/** Undefined of a process that is gone. */
async function parentOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
  return status === undefined ? undefined : Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]);
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1200; tries += 1) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error('it did not come about');
}

function drill(request: Partial<DrillRequest> = {}, context: Partial<EngineContext> = {}): Promise<DrillResult> {
  return postgresEngine.drill({ ...engineContext(), ...context }, { ...shop, scratch, connections: 2, ...request });
}

function withDetails(details: object): Partial<DrillRequest> {
  return { body: { ...shop.body, details: { ...(shop.body.details as object), ...details } } };
}

/** Calls `act` when the drill enters the phase. */
function inPhase(wanted: string, act: () => void): EngineContext['progress'] {
  return { phase: (name) => void (name === wanted && act()), advance: () => {} };
}

describe('a drill could not run', () => {
  it.each([
    ['the server lacks an extension', 'RESTORE_EXTENSIONS_MISSING', () => withDetails({ extensions: [{ name: 'plpgsql', version: '1.0' }, { name: 'no_such_extension', version: '7' }] })],
    ['the server lacks a locale', 'RESTORE_LOCALE_MISSING', () => withDetails({ database: { ...(shop.body.details as { database: object }).database, collate: 'xx_XX.utf8' } })],
    ['no server program is new enough', 'DRILL_PROGRAMS_MISSING', () => withDetails({ serverVersion: 990_001 })],
    ['there is no room', 'DRILL_SPACE_MISSING', () => ({ body: { ...shop.body, streams: shop.body.streams.map((stream) => ({ ...stream, bytes: stream.bytes * 2 ** 40 })) } })],
    ['its folder is not there', 'DRILL_SCRATCH_UNUSABLE', () => ({ scratch: '/nowhere/at/all' })],
    ['its assertions are no SQL', 'DRILL_ASSERTIONS_INVALID', () => ({ assertions: "SELECT 'open" })],
  ])('where %s', async (_, code, request) => {
    const error = (await drill(request()).catch((caught: unknown) => caught)) as { code: string; category: string };
    expect(error.code).toBe(code);
    expect(error.category).not.toBe('integrity');
  });

  it('where its server is killed, and says so', async () => {
    const progress = inPhase('loading', () => void killServer());
    await expect(drill({}, { progress })).rejects.toMatchObject({ code: 'DRILL_SERVER_LOST', category: 'source', retryable: true });
  });

  it.each(['preparing', 'loading', 'checking'])('when it is told to end in the phase %s', async (phase) => {
    const stop = new AbortController();
    const reason = new Error('stopped by a person');
    await expect(drill({}, { signal: stop.signal, progress: inPhase(phase, () => stop.abort(reason)) })).rejects.toBe(reason);
  });
});

/** Starts a drill in a process of its own; gives it once it has entered the phase. */
async function startDrill(phase: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, source, scratch], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) if (line === phase) break;
  return child;
}

describe('a drill killed by SIGKILL', () => {
  it('takes its server with it, and what it leaves the next drill removes', async () => {
    const child = await startDrill('loading');
    const [folder = ''] = await readdir(scratch);
    expect((await serversIn(scratch)).length).toBeGreaterThan(0);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await until(async () => (await serversIn(scratch)).length === 0);
    await until(async () => !(await readdir(join(scratch, folder))).includes('data'));
    expect((await drill()).findings).toEqual([]);
  });

  it('together with the guard of its server leaves that running, until the next drill ends and removes it', async () => {
    const child = await startDrill('loading');
    // Until the processes are found it shall not come to its end.
    child.kill('SIGSTOP');
    const [folder = ''] = await readdir(scratch);
    const postmaster = await postmasterOf(folder);
    const guard = await parentOf(postmaster);
    const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
    const parents = await Promise.all(processes.map(async (pid) => parentOf(pid)));
    // Not from the guard's `children`: the kernel may leave some out while others come and go.
    const readers = processes.filter((pid, index) => parents[index] === guard && pid !== postmaster);
    expect(readers).not.toEqual([]);
    for (const pid of [guard as number, ...readers]) process.kill(pid, 'SIGKILL');
    child.kill('SIGKILL');
    await once(child, 'exit');
    await sleep(300);
    expect(await serversIn(scratch)).toContain(postmaster);
    expect((await drill()).findings).toEqual([]);
  });

  it('is told from one that lives, here or on another machine that shares the folder', async () => {
    const child = await startDrill('loading');
    const living = (await readdir(scratch))[0] as string;
    const elsewhere = join(scratch, 'holdfast-drill-other');
    const silent = join(scratch, 'holdfast-drill-silent');
    const long = new Date(Date.now() - 2 * 60 * 60_000);
    for (const folder of [elsewhere, silent]) {
      await mkdir(folder);
      await writeFile(join(folder, 'owner.json'), JSON.stringify({ pid: 1, started: '1', namespace: 'another machine' }));
    }
    await utimes(join(silent, 'owner.json'), long, long);
    try {
      expect((await drill()).findings).toEqual([]);
      const left = await readdir(scratch);
      expect(left).toContain('holdfast-drill-other');
      expect(left).not.toContain('holdfast-drill-silent');
      // It may be over by now, but nobody has taken its folder from under it.
      const [code] = child.exitCode === null ? ((await once(child, 'exit')) as [number]) : [child.exitCode];
      expect({ living, code }).toEqual({ living, code: 0 });
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });
});
