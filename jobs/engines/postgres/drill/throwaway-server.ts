import { type ChildProcess, spawn } from 'node:child_process';
import { chown, mkdir, readFile, readlink } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Environment } from '../../../../src/operations/configuration.ts';
import { codeOf } from '../../../../src/operations/errors.ts';
import { drillErrors } from '../../drill-errors.ts';
import { withShortFolder } from '../../drill-folder.ts';
import type { EngineContext } from '../../engine.ts';
import { parsePostgresAddress } from '../connect/address.ts';
import { runProgram } from '../connect/client-programs.ts';
import { connect } from '../connect/connection.ts';
import { reasonOf } from '../postgres-errors.ts';
import { findServerUser, type ServerPrograms, type ServerUser } from './server-programs.ts';
import { serverSettings } from './server-settings.ts';

export interface ThrowawayServer {
  /** Address of a database of the server: a superuser, over a socket that only this user and the server's can reach. */
  readonly addressOf: (database: string) => string;
  /** The environment for everything that talks to it: nothing of libpq's, temporary files within the drill's folder. */
  readonly environment: Readonly<Record<string, string>>;
  /** A folder of the server's own, for a tablespace. */
  readonly makeFolder: (name: string) => Promise<string>;
  /** SQLSTATEs of the errors that the server told since the last call, the last ones of many. */
  readonly takeFailures: () => Promise<readonly string[]>;
}

export interface ThrowawayOptions {
  readonly programs: ServerPrograms;
  /** Where the PATH is. */
  readonly environment: Environment;
  /** The drill's own. */
  readonly folder: string;
  readonly connections: number;
}

/**
 * Starts a new PostgreSQL server in the drill's folder, runs `work` on it and ends it, whatever happens. It listens on a
 * socket only and gives up what makes data safe for speed. It does not outlive this process, however that ends: a guard
 * holds a pipe. Should it end itself, `work`'s signal aborts and DRILL_SERVER_LOST is thrown.
 */
export async function withThrowawayServer<Result>(
  context: EngineContext,
  options: ThrowawayOptions,
  work: (context: EngineContext, server: ThrowawayServer) => Promise<Result>,
): Promise<Result> {
  const { folder } = options;
  const user = await findServerUser();
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  const temporary = join(folder, 'temporary');
  await mkdir(temporary);
  const inSocketFolder = async (sockets: string) => {
    await makeServerFolder(sockets, user);
    return runServer(context, { ...options, user, sockets, temporary }, work);
  };
  const sockets = join(folder, 'socket');
  return fitsSocket(sockets) ? inSocketFolder(sockets) : withShortFolder((short) => inShortFolder(short, options, user, inSocketFolder));
}

const port = 5432;
/** Of `sun_path` in <sys/un.h>, without the zero byte; smaller on macOS. */
const longestSocketPath = process.platform === 'darwin' ? 103 : 107;

function fitsSocket(folder: string): boolean {
  return Buffer.byteLength(join(folder, `.s.PGSQL.${port}`)) <= longestSocketPath;
}

async function inShortFolder<Result>(short: string, { folder }: ThrowawayOptions, user: ServerUser | undefined, work: (sockets: string) => Promise<Result>): Promise<Result> {
  const sockets = join(short, 'socket');
  if (!fitsSocket(sockets)) throw drillErrors.DRILL_SCRATCH_UNUSABLE({ scratch: folder, reason: `its path is too long for a socket, and so is ${short}` });
  if (user !== undefined) await chown(short, user.uid, user.gid);
  return work(sockets);
}

async function makeServerFolder(path: string, user: ServerUser | undefined): Promise<void> {
  await mkdir(path, { mode: 0o700 });
  if (user !== undefined) await chown(path, user.uid, user.gid);
}

interface RunningOptions extends ThrowawayOptions {
  readonly user: ServerUser | undefined;
  readonly sockets: string;
  readonly temporary: string;
}

async function runServer<Result>(
  context: EngineContext,
  options: RunningOptions,
  work: (context: EngineContext, server: ThrowawayServer) => Promise<Result>,
): Promise<Result> {
  const { programs, folder, connections, user, sockets, temporary } = options;
  const { signal } = context;
  const superuser = `holdfast_drill_${randomBytes(3).toString('hex')}`;
  const data = join(folder, 'data');
  const env = { PATH: options.environment['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC', HOME: folder, TMPDIR: temporary };
  const as = { cwd: folder, ...(user !== undefined && { user }) };
  await createCluster(programs, { data, superuser, env, signal, ...as });
  const log = new ServerLog();
  const settings = serverSettings({ sockets, port, connections }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const guard = spawn('/bin/sh', ['-c', guardScript, 'holdfast-drill', programs.postgres, '-D', data, ...settings], {
    cwd: folder,
    env,
    stdio: ['pipe', 'ignore', 'pipe'],
    // Its own session: an interrupt at the terminal reaches us alone, and we end the server in our order.
    detached: true,
    ...user,
  });
  guard.stderr.setEncoding('utf8').on('data', (text: string) => log.add(text));
  // A guard that is gone is told by its exit.
  guard.stdin.on('error', () => undefined);
  const lost = new AbortController();
  const ended = new Promise<void>((resolve) => {
    guard.once('error', (error) => log.add(`${error.message}\n`));
    guard.once('close', () => {
      lost.abort(drillErrors.DRILL_SERVER_LOST({ reason: log.tail }));
      resolve();
    });
  });
  const running: EngineContext = { ...context, signal: AbortSignal.any([signal, lost.signal]) };
  const server: ThrowawayServer = {
    addressOf: (database) => `postgres://${superuser}@/${encodeURIComponent(database)}?host=${encodeURIComponent(sockets)}&port=${port}&sslmode=disable`,
    environment: env,
    takeFailures: () => log.takeFailures(running.signal, async (mark) => {
      const client = await connectTo(running, server, 'postgres');
      await client.query(`DO $mark$ BEGIN RAISE LOG '${mark}'; END $mark$`);
      await client.end();
    }),
    makeFolder: async (name) => {
      const path = join(folder, name);
      await makeServerFolder(path, user);
      return path;
    },
  };
  try {
    await waitUntilReady(running, server, log);
    return await work(running, server);
  } catch (error) {
    signal.throwIfAborted();
    // Whatever failed because the server was gone: that it is gone is the cause. Connections tell it a moment before the process.
    if (lossCodes.has(codeOf(error) ?? '')) await Promise.race([ended, sleep(noticeMs)]);
    if (lost.signal.aborted) throw lost.signal.reason;
    throw error;
  } finally {
    await endServer(guard, ended);
  }
}

/** What connections and programs say whose server is gone; and how long until its process's end is known here, too. */
const lossCodes = new Set(['SOURCE_LOST', 'SOURCE_UNREACHABLE', 'RESTORE_TARGET_LOST', 'POSTGRES_PROGRAM_FAILED']);
const noticeMs = 1_000;

/**
 * Runs the server beside a reader of standard input. A line there means: end the server. The pipe's end without one means
 * that we are gone, by whatever, SIGKILL included: end the server, and remove its data. SIGQUIT ends PostgreSQL and all its
 * processes at once. (A shell gives what it runs in the background an empty standard input: hence descriptor 3.)
 */
const guardScript = `
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
(trap '' HUP INT TERM; read -r word; told=$?; kill -QUIT "$server"; [ "$told" -eq 0 ] || exit 3) <&3 3<&- 2>/dev/null &
reader=$!
exec 3<&- </dev/null
wait "$server"
status=$?
kill -KILL "$reader" 2>/dev/null
wait "$reader" 2>/dev/null
[ $? -ne 3 ] || rm -rf -- "$3"
exit "$status"
`;

/** How long the server may take to end before it is killed. */
const endingGraceMs = 10_000;

async function endServer(guard: ChildProcess, ended: Promise<void>): Promise<void> {
  guard.stdin?.end('end\n');
  const timer = setTimeout(() => {
    // The guard's group: itself, its reader and the server, whose own processes end with it.
    if (guard.pid !== undefined) killGroup(guard.pid);
  }, endingGraceMs);
  await ended;
  clearTimeout(timer);
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    // It ended just now.
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

async function createCluster(programs: ServerPrograms, { data, superuser, ...run }: { data: string; superuser: string; env: Record<string, string>; signal: AbortSignal; cwd: string; user?: ServerUser }): Promise<void> {
  try {
    await runProgram(
      programs.initdb,
      // Databases are made from template0 with the encoding and locale of the backup: the server's own do not matter.
      ['--pgdata', data, '--username', superuser, '--auth-local=trust', '--auth-host=reject', '--encoding=UTF8', '--no-locale', '--no-sync', '--no-instructions'],
      run,
    );
  } catch (error) {
    run.signal.throwIfAborted();
    throw drillErrors.DRILL_SERVER_FAILED({ reason: reasonOf(error) }, { cause: error });
  }
}

const readyWithinMs = 120_000;
const pollMs = 50;

/** Opens a connection to a database of the server. */
export async function connectTo({ signal }: Pick<EngineContext, 'signal'>, { addressOf, environment }: Pick<ThrowawayServer, 'addressOf' | 'environment'>, database: string): Promise<Client> {
  return connect(parsePostgresAddress(addressOf(database), environment), { signal, environment, applicationName: 'holdfast drill' });
}

async function waitUntilReady({ signal }: EngineContext, server: ThrowawayServer, log: ServerLog): Promise<void> {
  const deadline = performance.now() + readyWithinMs;
  for (;;) {
    try {
      const client = await connectTo({ signal }, server, 'postgres');
      await client.end();
      return;
    } catch (error) {
      if (signal.aborted || performance.now() > deadline) throw drillErrors.DRILL_SERVER_FAILED({ reason: log.tail }, { cause: error });
      await sleep(pollMs);
    }
  }
}

/** The last of what the server wrote to its log. */
class ServerLog {
  readonly #states: string[] = [];
  #text = '';
  #awaited: { readonly mark: string; readonly seen: () => void } | undefined;

  add(text: string): void {
    const seen = this.#text.length;
    const joined = this.#text + text;
    // A line may come in pieces: it counts when it is whole.
    const lines = joined.slice(joined.lastIndexOf('\n', seen - 1) + 1, joined.lastIndexOf('\n') + 1);
    this.#text = joined.slice(-keptLog);
    for (const [, state] of lines.matchAll(/^([0-9A-Z]{5}) (?:ERROR|FATAL|PANIC): /gm)) if (state !== undefined) this.#states.push(state);
    this.#states.splice(0, this.#states.length - keptStates);
    if (this.#awaited !== undefined && joined.includes(this.#awaited.mark)) this.#awaited.seen();
  }

  /** What the server says comes through a pipe, behind what it does: `write` makes it say a mark, and all before it is here. */
  async takeFailures(signal: AbortSignal, write: (mark: string) => Promise<void>): Promise<readonly string[]> {
    const mark = `mark ${randomBytes(8).toString('hex')}`;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#awaited = { mark, seen: resolve };
    // A server that is gone says nothing more.
    signal.addEventListener('abort', () => resolve(), { once: true });
    await write(mark);
    await promise;
    signal.throwIfAborted();
    return this.#states.splice(0);
  }

  get tail(): string {
    return this.#text.trim().split('\n').slice(-6).join('\n') || 'it wrote nothing';
  }
}

const keptLog = 8 * 1024;
const keptStates = 16;

/** Ends a server that still runs in the folder of a killed drill: its guard was killed, too. Only where /proc shows that it is that one. */
export async function endLeftoverServer(folder: string): Promise<void> {
  const data = join(folder, 'data');
  const pid = Number((await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0]);
  const isIt = async () => Number.isInteger(pid) && pid > 1 && (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === data;
  for (const signal of ['SIGQUIT', 'SIGKILL'] as const) {
    if (!(await isIt())) return;
    process.kill(pid, signal);
    for (let waited = 0; waited < endingGraceMs && (await isIt()); waited += pollMs) await sleep(pollMs);
  }
}
