import { describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { createWorkQueue, type WorkQueueOptions } from '../../src/kubernetes/queue.ts';

function started(options: Partial<WorkQueueOptions<string>> & Pick<WorkQueueOptions<string>, 'work'>) {
  const failures: { readonly key: string; readonly count: number; readonly error: unknown }[] = [];
  const queue = createWorkQueue<string>({ name: 'test', workers: 2, firstDelayMs: 5, maxDelayMs: 20, onFailure: (error, key, count) => failures.push({ key, count, error }), ...options });
  queue.start();
  return { queue, failures };
}

/** Waits until it holds, and fails when it does not within a second. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !holds(); tries += 1) await sleep(5);
  expect(holds()).toBe(true);
}

describe('work queue', () => {
  test('works on a key once, however often it was added before its turn', async () => {
    const worked: string[] = [];
    const { queue } = started({ workers: 1, work: async (key) => void worked.push(key) });
    for (let count = 0; count < 100; count += 1) queue.add(`a/${count % 3}`);
    await queue.idle();
    expect(worked.toSorted()).toEqual(['a/0', 'a/1', 'a/2']);
    await queue.stop();
  });

  test('never works on one key twice at once, and works on it again when it was added meanwhile', async () => {
    let [atOnce, most, runs] = [0, 0, 0];
    const { queue } = started({
      workers: 4,
      work: async () => {
        runs += 1;
        most = Math.max(most, (atOnce += 1));
        await sleep(10);
        atOnce -= 1;
      },
    });
    queue.add('a');
    await sleep(2);
    queue.add('a');
    queue.add('a');
    await queue.idle();
    expect({ most, runs }).toEqual({ most: 1, runs: 2 });
    await queue.stop();
  });

  test('works on as many keys at once as it has workers', async () => {
    let [atOnce, most] = [0, 0];
    const { queue } = started({
      workers: 3,
      work: async () => {
        most = Math.max(most, (atOnce += 1));
        await sleep(5);
        atOnce -= 1;
      },
    });
    for (let key = 0; key < 12; key += 1) queue.add(String(key));
    await queue.idle();
    expect(most).toBe(3);
    await queue.stop();
  });

  test('tries a failure again until it succeeds, counts anew after that, and holds up no other key', async () => {
    let left = 3;
    const worked: string[] = [];
    const { queue, failures } = started({
      workers: 1,
      work: async (key) => {
        if (key === 'bad' && left-- > 0) throw new Error('not yet');
        worked.push(key);
      },
    });
    queue.add('bad');
    queue.add('good');
    await until(() => worked.includes('bad'));
    expect(worked[0]).toBe('good');
    left = 1;
    queue.add('bad');
    await until(() => worked.filter((key) => key === 'bad').length === 2);
    expect(failures.map(({ count }) => count)).toEqual([1, 2, 3, 1]);
    await queue.stop();
  });

  test('looks again after the time that the work asked for, or earlier when the key is added', async () => {
    const times: number[] = [];
    const { queue } = started({
      work: async () => {
        times.push(performance.now());
        return { againInMs: times.length === 1 ? 30 : 60_000 };
      },
    });
    queue.add('a');
    await until(() => times.length === 2);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(28);
    queue.add('a');
    await until(() => times.length === 3);
    await queue.stop();
  });

  test('an earlier time wins over a later one', async () => {
    let runs = 0;
    const { queue } = started({ work: async () => void (runs += 1) });
    queue.addAfter('a', 10);
    queue.addAfter('a', 60_000);
    await sleep(100);
    await queue.stop();
    expect(runs).toBe(1);
  });

  test('a stop lets what is in flight end, and takes nothing more', async () => {
    let [ended, runs] = [0, 0];
    const { queue } = started({
      workers: 1,
      work: async () => {
        runs += 1;
        await sleep(20);
        ended += 1;
      },
    });
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 1);
    await sleep(5);
    await queue.stop();
    await sleep(30);
    expect({ ended, runs }).toEqual({ ended: 1, runs: 1 });
  });

  test('a stop whose signal aborts cuts off what is in flight, which is no failure', async () => {
    const { queue, failures } = started({
      work: async (_key, signal) => {
        await sleep(60_000, undefined, { signal });
      },
    });
    queue.add('a');
    await sleep(5);
    await queue.stop(AbortSignal.timeout(10));
    expect(failures).toEqual([]);
  });

  test('keys added before the start wait for it', async () => {
    const worked: string[] = [];
    const queue = createWorkQueue<string>({ name: 'test', workers: 1, work: async (key) => void worked.push(key), onFailure: () => undefined });
    queue.add('a');
    await sleep(5);
    expect({ worked, depth: queue.depth() }).toEqual({ worked: [], depth: 1 });
    queue.start();
    await queue.idle();
    expect(worked).toEqual(['a']);
    await queue.stop();
  });
});
