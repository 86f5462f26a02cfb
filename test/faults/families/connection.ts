import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { query, service } from '../../services/database.ts';
import type { Fault, Outcome } from '../case.ts';
import { type Ran, runCommand } from '../commands.ts';
import type { Dice } from '../dice.ts';
import { judge } from '../judge.ts';
import type { Lab } from '../lab.ts';
import { type Mission, prepareMission } from '../missions.ts';

/** About what passes over all connections of a backup or restore of the ledger. */
const trafficBytes = 3.5 * 1024 * 1024;
const dumpBytes = 40_000;

/** Runs an operation on the ledger in circumstances of a kind, and judges. */
async function onLedger(lab: Lab, operation: string, dice: Dice, run: (mission: Mission) => Promise<Ran>): Promise<Outcome> {
  const placed = await lab.place({ encrypted: dice.below(2) === 0 });
  const mission = await prepareMission(operation, { lab, placed, engine: 'postgres', dice });
  try {
    return await judge({ lab, placed, mission, ran: await run(mission) });
  } finally {
    await mission.close();
    await placed.remove();
  }
}

/** A way to the server that ends every connection, or the one that is at it, after so many bytes in all. */
async function startCuttingProxy(afterBytes: number, cutsAll: boolean): Promise<{ port: number; stop: () => void }> {
  const { hostname, port } = new URL(service('TEST_DATABASE_URL'));
  const sockets = new Set<Socket>();
  let left = afterBytes;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => { sockets.delete(from); to.destroy(); });
      from.on('data', (bytes: Buffer) => {
        const passed = bytes.subarray(0, Math.max(0, left));
        left -= bytes.length;
        if (passed.length > 0) to.write(passed);
        if (left > 0) return;
        // A new connection works again, as after a network's hiccup.
        left = Number.POSITIVE_INFINITY;
        for (const socket of cutsAll ? sockets : [client, upstream]) socket.resetAndDestroy();
      });
    }
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

async function cutConnection(lab: Lab, operation: string, dice: Dice): Promise<Outcome> {
  const proxy = await startCuttingProxy(1 + dice.below(trafficBytes), dice.below(2) === 0);
  try {
    return await onLedger(lab, operation, dice, async ({ words, variables }) => {
      const through = Object.fromEntries(['HOLDFAST_SOURCE', 'HOLDFAST_TARGET'].flatMap((name) => {
        const address = variables[name];
        return address === undefined ? [] : [[name, Object.assign(new URL(address), { port: String(proxy.port) }).href]];
      }));
      return runCommand(words, { ...variables, ...through });
    });
  } finally {
    proxy.stop();
  }
}

/** An administrator ends one of the sessions, or the server all of them, at a random moment. */
async function endSession(lab: Lab, operation: string, dice: Dice): Promise<Outcome> {
  const [delay, how, which] = [dice.below(900), dice.below(3), dice.below(8)];
  return onLedger(lab, operation, dice, async ({ words, variables }) => {
    const database = new URL(variables['HOLDFAST_SOURCE'] ?? variables['HOLDFAST_TARGET'] ?? '').pathname.slice(1);
    const running = runCommand(words, variables);
    const over = new AbortController();
    void running.finally(() => over.abort());
    await sleep(delay);
    // The n-th of those that are there, in the order in which they came.
    const limit = how === 0 ? '' : `ORDER BY backend_start LIMIT 1 OFFSET ${which} % greatest(1, (SELECT count(*) FROM sessions))`;
    const end = `WITH sessions AS (SELECT pid, backend_start FROM pg_stat_activity WHERE starts_with(datname::text, $1))
      SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM sessions ${limit}) AS victims`;
    while (!over.signal.aborted && (await query(service('TEST_DATABASE_URL'), end, [database])).length === 0) await sleep(20);
    return running;
  });
}

/** One of the client programs dies after so many bytes of its output (pg_dump) or of its input (pg_restore). */
async function killProgram(lab: Lab, operation: string, dice: Dice): Promise<Outcome> {
  const folder = join(lab.folder, `programs-${dice.below(1_000_000)}`);
  const real = service('TEST_POSTGRES_BIN_15');
  const victim = operation === 'backup' ? dice.pick(['pg_dump', 'pg_dumpall']) : 'pg_restore';
  const bytes = dice.below(victim === 'pg_dumpall' ? 800 : dumpBytes);
  mkdirSync(folder);
  // All of them: a folder that lacks one is not used.
  for (const program of ['pg_dump', 'pg_dumpall', 'pg_restore', 'psql']) {
    const cut = operation === 'backup' ? `${real}/${program} "$@" | head -c ${bytes}` : `head -c ${bytes} | ${real}/${program} "$@"`;
    const body = program === victim ? `case "$*" in *--version*) exec ${real}/${program} --version;; esac\n${cut}\nkill -9 $$` : `exec ${real}/${program} "$@"`;
    writeFileSync(join(folder, program), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, program), 0o755);
  }
  try {
    return await onLedger(lab, operation, dice, async ({ words, variables }) => runCommand(words, { ...variables, HOLDFAST_POSTGRES_BIN: folder }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const connectionFaults: readonly Fault[] = [
  { kind: 'connection-cut', operations: ['backup', 'restore', 'swap'], weight: 5, run: cutConnection },
  { kind: 'session-ended', operations: ['backup', 'restore', 'swap'], weight: 3, run: endSession },
  { kind: 'program-killed', operations: ['backup', 'restore'], weight: 3, run: killProgram },
];
