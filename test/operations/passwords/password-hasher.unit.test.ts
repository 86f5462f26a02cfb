import { describe, expect, it } from '@jest/globals';
import { createPasswordHasher } from '../../../src/operations/passwords/password-hasher.ts';

const waiting = { signal: new AbortController().signal };
const slow = { name: 'argon2id', parameters: { m: 4096, t: 3, p: 1 } } as const;

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return (performance.now() - begin) / 1000;
}

describe('the password hasher', () => {
  it('refuses at once what exceeds its queue, and goes on with the rest', async () => {
    const hasher = createPasswordHasher({ concurrency: 1, queue: 3, scheme: slow });
    const results = await Promise.allSettled(Array.from({ length: 10 }, async () => hasher.hash('x', waiting)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(4);
    for (const result of results.filter(({ status }) => status === 'rejected')) {
      expect((result as PromiseRejectedResult).reason).toMatchObject({ code: 'PASSWORD_CHECKS_BUSY', status: 503, retryable: true });
    }
    expect(await hasher.hash('x', waiting)).toMatch(/^\$argon2id/);
  });

  it('gives up a place in the queue when the caller has gone', async () => {
    const hasher = createPasswordHasher({ concurrency: 1, queue: 1, scheme: slow });
    const first = hasher.hash('x', waiting);
    const caller = new AbortController();
    const gone = hasher.hash('x', { signal: caller.signal });
    caller.abort(new Error('the client is gone'));
    await expect(gone).rejects.toThrow('the client is gone');
    const next = hasher.hash('x', waiting);
    await Promise.all([first, next]);
    await expect(hasher.hash('x', { signal: caller.signal })).rejects.toThrow('the client is gone');
    expect(await hasher.hash('x', waiting)).toMatch(/^\$argon2id/);
  });

  it('keeps its turns when a derivation fails', async () => {
    const hasher = createPasswordHasher({ concurrency: 1, queue: 5, scheme: slow });
    const results = await Promise.allSettled([hasher.verify('x', 'no hash', waiting), hasher.verify('x', 'no hash', waiting), hasher.hash('x', waiting)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  });

  it('takes about as long for an account that does not exist', async () => {
    const hasher = createPasswordHasher({ scheme: { name: 'argon2id', parameters: { m: 19_456, t: 2, p: 1 } } });
    const hash = await hasher.hash('seven brown kettles', waiting);
    expect(await hasher.verify('x', undefined, waiting)).toEqual({ valid: false, outdated: false });
    const fastest = { unknown: Infinity, known: Infinity };
    for (let round = 0; round < 10; round += 1) {
      fastest.unknown = Math.min(fastest.unknown, await secondsOf(async () => hasher.verify('wrong', undefined, waiting)));
      fastest.known = Math.min(fastest.known, await secondsOf(async () => hasher.verify('wrong', hash, waiting)));
    }
    const ratio = fastest.unknown / fastest.known;
    expect(ratio).toBeGreaterThan(0.4);
    expect(ratio).toBeLessThan(2.5);
  });
});
