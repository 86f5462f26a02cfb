import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from '../../src/kubernetes/client.ts';
import type { Connection } from '../../src/kubernetes/connect.ts';
import { createEventRecorder, type EventRecorder, type Happening } from '../../src/kubernetes/events.ts';
import type { ObjectOf } from '../../src/kubernetes/objects.ts';
import type { ApiServer } from '../support/api-server/start.ts';
import { captureLog } from '../support/captured-log.ts';
import { backup, clientOf, startCluster } from './client-on-double.ts';

const { signal } = new AbortController();
const minute = 60_000;

let server: ApiServer;
let client: Client & { readonly connection: Connection };
let nowMs: number;
let recorder: EventRecorder;
let lines: () => Record<string, unknown>[];

beforeAll(async () => {
  server = await startCluster();
  client = await clientOf(server);
});
afterAll(async () => {
  await client.connection.close();
  await server.stop();
});
beforeEach(async () => {
  for await (const { metadata } of client.list('Event', {}, { signal })) await client.delete('Event', metadata, { signal });
  server.forgetRequests();
  nowMs = Date.parse('2026-01-16T18:04:45Z');
  const captured = captureLog();
  lines = captured.lines;
  recorder = createEventRecorder({ client, controller: 'holdfast.dev/controller', instance: 'pod-1', log: captured.log, now: () => new Date(nowMs) });
});

const happening = (changes: Partial<Happening> = {}): Happening => ({
  regarding: { apiVersion: 'holdfast.dev/v1alpha1', kind: 'Backup', metadata: { ...backup('a').metadata, uid: 'uid-a' } },
  type: 'Warning',
  reason: 'BackupFailed',
  action: 'FollowJob',
  note: 'SOURCE_UNREACHABLE: no answer',
  ...changes,
});

async function events(): Promise<ObjectOf<'Event'>[]> {
  return Array.fromAsync(client.list('Event', { namespace: 'shop' }, { signal }));
}

describe('event recorder', () => {
  test('writes what happened beside the object that it regards', async () => {
    await recorder.record(happening(), { signal });
    expect(await events()).toEqual([
      expect.objectContaining({
        eventTime: '2026-01-16T18:04:45.000000Z',
        type: 'Warning',
        reason: 'BackupFailed',
        action: 'FollowJob',
        note: 'SOURCE_UNREACHABLE: no answer',
        reportingController: 'holdfast.dev/controller',
        reportingInstance: 'pod-1',
        regarding: expect.objectContaining({ kind: 'Backup', name: 'a', namespace: 'shop', uid: 'uid-a' }),
      }),
    ]);
  });

  test('counts the same again as a series, written once a minute', async () => {
    for (let count = 0; count < 5; count += 1) {
      await recorder.record(happening(), { signal });
      nowMs += minute / 2;
    }
    expect(server.writes({ resource: 'events' })).toBe(3);
    expect((await events()).map(({ series }) => series)).toEqual([{ count: 5, lastObservedTime: '2026-01-16T18:06:45.000000Z' }]);
  });

  test('writes it anew when it comes back later, or differs', async () => {
    await recorder.record(happening(), { signal });
    nowMs += 11 * minute;
    await recorder.record(happening(), { signal });
    await recorder.record(happening({ note: 'STORE_UNREACHABLE: no answer' }), { signal });
    expect(await events()).toHaveLength(3);
  });

  test('cuts a note that is too long, between characters', async () => {
    await recorder.record(happening({ note: '备'.repeat(1_000) }), { signal });
    const [event] = await events();
    expect(event?.note).toBe('备'.repeat(341));
  });

  test("cuts a pod's name that is longer than the server takes", async () => {
    const ofLongName = createEventRecorder({ client, controller: 'holdfast.dev/controller', instance: 'p'.repeat(253), log: captureLog().log });
    await ofLongName.record(happening(), { signal });
    expect((await events()).map(({ reportingInstance }) => reportingInstance)).toEqual(['p'.repeat(128)]);
  });

  test('says in the log that an event could not be written, and throws nothing', async () => {
    server.fail({ resource: 'events' }, { status: 403 });
    await recorder.record(happening(), { signal });
    expect(lines()).toEqual([expect.objectContaining({ msg: 'event was not written', object: 'shop/a', reason: 'BackupFailed' })]);
  });
});
