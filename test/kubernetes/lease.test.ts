import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../src/kubernetes/client.ts';
import type { Connection } from '../../src/kubernetes/connect.ts';
import { createLeaderElection, type LeaderElection, type LeaderElectionOptions } from '../../src/kubernetes/lease.ts';
import type { ApiServer } from '../support/api-server/start.ts';
import { captureLog } from '../support/captured-log.ts';
import { until } from '../support/until.ts';
import { clientOf, startCluster } from './client-on-double.ts';

const { signal } = new AbortController();
const lease = { namespace: 'shop', name: 'holdfast-controller' };

let server: ApiServer;
let clients: (Client & { readonly connection: Connection })[];
let elections: LeaderElection[];

beforeEach(async () => {
  server = await startCluster();
  clients = [];
  elections = [];
});
afterEach(async () => {
  await Promise.all(elections.map(async (election) => election.stop()));
  await Promise.all(clients.map(async ({ connection }) => connection.close()));
  await server.stop();
});

const untilAborted = async (leading: AbortSignal): Promise<void> => {
  if (!leading.aborted) await once(leading, 'abort');
};

async function candidate(identity: string, options: Partial<LeaderElectionOptions> = {}): Promise<LeaderElection> {
  const client = await clientOf(server);
  clients.push(client);
  const election = createLeaderElection({ client, ...lease, identity, log: captureLog().log, lead: untilAborted, leaseSeconds: 2, renewDeadlineMs: 1_200, retryMs: 100, ...options });
  elections.push(election);
  election.start();
  return election;
}

const holderOf = async () => (await clients[0]!.get('Lease', lease, { signal })).spec;

describe('leader election', () => {
  test('one of two leads, and the other takes over at once when it stops', async () => {
    const first = await candidate('first');
    await until(() => first.isLeader);
    const second = await candidate('second');
    await until(() => second.holder === 'first');
    expect(second.isLeader).toBe(false);
    const stoppedAt = performance.now();
    await first.stop();
    await until(() => second.isLeader);
    expect(performance.now() - stoppedAt).toBeLessThan(1_900);
    expect(await holderOf()).toMatchObject({ holderIdentity: 'second', leaseDurationSeconds: 2, renewTime: expect.stringMatching(/\.\d{6}Z$/) });
  });

  test('takes a lease that its holder left behind, once it has run out by its own clock', async () => {
    const hour = 3_600_000;
    const client = await clientOf(server);
    clients.push(client);
    // The dead one's clock was an hour ahead.
    const ahead = new Date(Date.now() + hour).toISOString().replace('Z', '000Z');
    await client.create('Lease', { metadata: lease, spec: { holderIdentity: 'dead', leaseDurationSeconds: 1, renewTime: ahead } }, { signal });
    const startedAt = performance.now();
    const next = await candidate('next');
    await until(() => next.isLeader);
    expect(performance.now() - startedAt).toBeGreaterThan(1_000);
    expect(await holderOf()).toMatchObject({ holderIdentity: 'next', leaseTransitions: 1 });
  });

  test('never lets two lead at once, whatever becomes of the API server', async () => {
    let [leading, most, terms] = [0, 0, 0];
    const lead = async (lost: AbortSignal) => {
      terms += 1;
      most = Math.max(most, (leading += 1));
      await untilAborted(lost);
      leading -= 1;
    };
    for (const identity of ['a', 'b', 'c']) await candidate(identity, { lead });
    await until(() => leading === 1);
    for (let round = 0; round < 3; round += 1) {
      const stopFailing = server.fail({ resource: 'leases' }, { status: 503 }, { times: Number.POSITIVE_INFINITY });
      await until(() => leading === 0);
      stopFailing();
      await until(() => leading === 1);
    }
    expect(most).toBe(1);
    expect(terms).toBeGreaterThanOrEqual(4);
  });

  test('ends its work when it cannot renew, before the lease has run out', async () => {
    let lostAfterMs = 0;
    const first = await candidate('first', {
      lead: async (lost) => {
        const startedAt = performance.now();
        await untilAborted(lost);
        lostAfterMs = performance.now() - startedAt;
      },
    });
    await until(() => first.isLeader);
    server.fail({ resource: 'leases' }, 'hang', { times: Number.POSITIVE_INFINITY });
    await until(() => lostAfterMs > 0);
    expect(first.isLeader).toBe(false);
    expect(lostAfterMs).toBeLessThan(2_000);
  });

  test('outlives a refusal or two without giving up', async () => {
    let terms = 0;
    const first = await candidate('first', {
      lead: async (lost) => {
        terms += 1;
        await untilAborted(lost);
      },
    });
    await until(() => first.isLeader);
    server.fail({ verb: 'update', resource: 'leases' }, { status: 500 }, { times: 2 });
    await sleep(600);
    expect({ terms, leads: first.isLeader }).toEqual({ terms: 1, leads: true });
  });

  test('gives up when another has taken the lease', async () => {
    const first = await candidate('first');
    await until(() => first.isLeader);
    await clients[0]!.patch('Lease', lease, { spec: { holderIdentity: 'thief' } }, { signal });
    await until(() => !first.isLeader);
    expect(first.holder).toBe('thief');
  });

  test('keeps the lease while its work winds down, and gives it back after', async () => {
    const order: string[] = [];
    const first = await candidate('first', {
      lead: async (lost) => {
        await untilAborted(lost);
        await sleep(2_500);
        order.push('first is done');
      },
    });
    await until(() => first.isLeader);
    await candidate('second', {
      lead: async (lost) => {
        order.push('second leads');
        await untilAborted(lost);
      },
    });
    await first.stop();
    await until(() => order.length === 2);
    expect(order).toEqual(['first is done', 'second leads']);
  });

  test('leaves the lease to another when its work fails', async () => {
    const { log, lines } = captureLog();
    const first = await candidate('first', { log, retryMs: 400, lead: async () => Promise.reject(new Error('broken')) });
    await until(() => lines().some(({ msg }) => msg === "leader's work failed: another takes over"));
    const second = await candidate('second');
    await until(() => second.isLeader);
    expect(first.isLeader).toBe(false);
  });
});
