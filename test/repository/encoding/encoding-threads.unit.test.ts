import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { EncodingThreads, startEncodingThreads } from '../../../src/repository/encoding/encoding-threads.ts';
import { createPartEncoding, type PartEncoding } from '../../../src/repository/encoding/part-encoding.ts';
import type { Encryption } from '../../../src/repository/keys.ts';
import type { Compression } from '../../../src/repository/manifest/manifest.ts';
import { PartMemory } from '../../../src/repository/parts/part-memory.ts';
import { keyRing } from './encryption.ts';

const running: EncodingThreads[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((threads) => threads.close(new Error('the test is over'))));
});

function start(options: ConstructorParameters<typeof EncodingThreads>[0], memory = new PartMemory(), count?: number): EncodingThreads {
  const threads = new EncodingThreads(options, memory, count);
  running.push(threads);
  return threads;
}

function partOf(size: number): Buffer {
  const words = randomBytes(64).toString('hex');
  return Buffer.from(words.repeat(Math.ceil(size / words.length)).slice(0, size));
}

const encrypted: Encryption = { kind: 'age', keys: keyRing(2).keys };
const cases: { name: string; compression: Compression; encryption: Encryption }[] = [
  { name: 'compresses', compression: 'zstd-2', encryption: { kind: 'none' } },
  { name: 'encrypts', compression: 'none', encryption: encrypted },
  { name: 'compresses and encrypts', compression: 'zstd-2', encryption: encrypted },
];

describe.each(cases)('a thread that $name', ({ compression, encryption }) => {
  const encoding: PartEncoding = createPartEncoding({ compression, encryption });
  const decode = async (object: Buffer, raw: number) => encoding.decode(object, { object: 'parts/x', encoding: encoding.encoding, raw });

  it('gives each of many parts its own object, whatever their sizes', async () => {
    const threads = startEncodingThreads({ compression, encryption }, new PartMemory());
    if (threads === undefined) throw new Error('there is something to do');
    running.push(threads);
    const parts = [0, 1, 100, 8191, 8193, 70_000, 1_000_000, 9_000_000].flatMap((size) => [partOf(size), partOf(size)]);
    const objects = await Promise.all(parts.map(async (part) => threads.encode(Buffer.from(part))));
    for (const [index, object] of objects.entries()) {
      const part = parts[index] as Buffer;
      expect((await decode(object, part.length)).equals(part)).toBe(true);
    }
  });
});

describe('encoding threads', () => {
  it('are not started where parts are stored as they are', () => {
    expect(startEncodingThreads({ compression: 'none', encryption: { kind: 'none' } }, new PartMemory())).toBeUndefined();
  });

  it('take the memory of a part and give it to the parts to come', async () => {
    const memory = new PartMemory();
    const threads = start({ level: 1, recipients: undefined }, memory);
    const part = memory.take(131_072).fill(7);
    await threads.encode(part);
    expect(part.length).toBe(0);
    // The content is what was left there: the same memory.
    expect(memory.take(131_072)[100]).toBe(7);
  });

  it('leave the memory alone that Node shares among small buffers', async () => {
    const neighbour = Buffer.from('neighbour');
    const part = Buffer.from('small part');
    expect(part.buffer).toBe(neighbour.buffer);
    await start({ level: 1, recipients: undefined }).encode(part);
    expect(neighbour.toString()).toBe('neighbour');
  });

  it('refuse whoever waits once closed, and whoever comes', async () => {
    const threads = start({ level: 19, recipients: undefined }, new PartMemory(), 1);
    const reason = new Error('stopped');
    const waiting = [partOf(4_000_000), partOf(4_000_000)].map(async (part) => expect(threads.encode(part)).rejects.toBe(reason));
    await threads.close(reason);
    await Promise.all(waiting);
    await expect(threads.encode(partOf(1))).rejects.toBe(reason);
  });

  it('tell what broke in a thread instead of waiting for ever', async () => {
    const threads = start({ level: undefined, recipients: 'age1broken' });
    await expect(threads.encode(partOf(10_000))).rejects.toMatchObject({ message: expect.stringContaining('recipient') });
  });
});
