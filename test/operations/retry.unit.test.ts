import { describe, expect, it } from '@jest/globals';
import { retry } from '../../src/operations/retry.ts';

const options = { attempts: 4, firstDelayMs: 2, maxDelayMs: 4, isRetryable: (error: unknown) => (error as Error).message === 'blip' };

describe('retry', () => {
  it('calls again until the work succeeds', async () => {
    const seen: number[] = [];
    const result = await retry(
      async (attempt) => {
        seen.push(attempt);
        if (attempt < 3) throw new Error('blip');
        return 'done';
      },
      { ...options, signal: new AbortController().signal },
    );
    expect(result).toBe('done');
    expect(seen).toEqual([1, 2, 3]);
  });

  it('gives up after the last attempt with the last failure', async () => {
    let calls = 0;
    const work = async () => {
      calls += 1;
      throw new Error('blip');
    };
    await expect(retry(work, { ...options, signal: new AbortController().signal })).rejects.toThrow('blip');
    expect(calls).toBe(4);
  });

  it('does not repeat what cannot pass', async () => {
    let calls = 0;
    const work = async () => {
      calls += 1;
      throw new Error('refused');
    };
    await expect(retry(work, { ...options, signal: new AbortController().signal })).rejects.toThrow('refused');
    expect(calls).toBe(1);
  });

  it('stops waiting when it is aborted', async () => {
    const controller = new AbortController();
    const work = async () => {
      controller.abort(new Error('stop'));
      throw new Error('blip');
    };
    await expect(retry(work, { ...options, signal: controller.signal })).rejects.toThrow('blip');
  });
});
