import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '../wait-for.ts';
import { type RunningProgram, startProgram } from './running-program.ts';

let program: RunningProgram | undefined;
afterEach(() => void program?.child.kill('SIGKILL'));

/** The status of the answer, or how the request failed. */
async function outcomeOf(port: number, path: string, agent?: Agent): Promise<number | string> {
  try {
    const [answer] = (await once(get({ host: '127.0.0.1', port, path, agent }), 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    return answer.statusCode ?? 0;
  } catch (error) {
    return String(error);
  }
}

describe('SIGTERM under load', () => {
  it('fails no request of 200 in flight, nor of those that come while it drains, and exits 0', async () => {
    program = await startProgram();
    const { http, management, child, ended } = program;
    const agent = new Agent({ keepAlive: true, maxSockets: 400 });
    // Warm keep-alive connections, as a proxy holds them.
    await Promise.all(Array.from({ length: 50 }, () => outcomeOf(http, '/wait?ms=1', agent)));

    // Longer than the drain time: they end after the server has stopped accepting.
    const inFlight = Array.from({ length: 200 }, () => outcomeOf(http, '/wait?ms=2000', agent));
    await sleep(200);
    const clientsStop = new AbortController();
    const later: Promise<number | string>[] = [];
    const clients = Array.from({ length: 20 }, async () => {
      while (!clientsStop.signal.aborted) {
        const outcome = outcomeOf(http, '/wait?ms=5', agent);
        later.push(outcome);
        await outcome;
      }
    });
    const signalledMs = performance.now();
    child.kill('SIGTERM');
    // A load balancer: it sends requests until it sees that the process is not ready, and then for a while still.
    await waitFor(async () => (await outcomeOf(management, '/readyz')) === 503);
    expect(await outcomeOf(management, '/livez')).toBe(200);
    const unreadyMs = performance.now() - signalledMs;
    await sleep(400);
    clientsStop.abort();
    await Promise.all(clients);

    expect(new Set(await Promise.all(inFlight))).toEqual(new Set([200]));
    expect(new Set(await Promise.all(later))).toEqual(new Set([200]));
    expect(later.length).toBeGreaterThan(20);
    expect(unreadyMs).toBeLessThan(900); // well before the server stops accepting
    expect(await ended).toBe(0);
    agent.destroy();
  });

  it('exits at once on a second SIGTERM', async () => {
    program = await startProgram();
    const { child, ended } = program;
    child.kill('SIGTERM');
    await sleep(100);
    const startedMs = performance.now();
    child.kill('SIGTERM');
    expect(await ended).toBe(143);
    expect(performance.now() - startedMs).toBeLessThan(800);
  });
});
