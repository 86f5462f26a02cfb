import { describe, expect, it } from '@jest/globals';
import { WorkQueue } from '../../../../../jobs/engines/postgres/read/work-queue.ts';

const fail = () => Promise.reject(new Error('failed'));

describe('WorkQueue', () => {
  it('does every task once, those too that a task adds while other workers wait', async () => {
    const queue = new WorkQueue<number>();
    queue.add(1, 2, 3);
    const done: number[] = [];
    const perform = async (task: number) => {
      await new Promise((resolve) => void setTimeout(resolve, 5));
      done.push(task);
      if (task < 10) queue.add(task + 10, task + 20);
    };
    await Promise.all([1, 2, 3, 4].map(() => queue.work(perform)));
    expect(done.toSorted((one, other) => one - other)).toEqual([1, 2, 3, 11, 12, 13, 21, 22, 23]);
  });

  it('lets waiting workers go when a task fails', async () => {
    const queue = new WorkQueue<number>();
    queue.add(1);
    const outcomes = await Promise.allSettled([queue.work(fail), queue.work(fail)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });
});
