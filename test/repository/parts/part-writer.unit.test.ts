import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as tick, setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { EncodingThreads } from '../../../src/repository/encoding/encoding-threads.ts';
import { createPartEncoding, partKey } from '../../../src/repository/encoding/part-encoding.ts';
import { PartMemory } from '../../../src/repository/parts/part-memory.ts';
import { PartWriter, type PartWriterOptions } from '../../../src/repository/parts/part-writer.ts';
import { type Store, storeErrors } from '../../../src/repository/stores/store.ts';
import { createDirectoryStore } from '../../../src/repository/stores/directory.ts';
import { caught } from '../encoding/caught.ts';
import { everyEncoding } from '../encoding/encryption.ts';

const mebibyte = 1024 * 1024;
const { signal } = new AbortController();
const bare = createPartEncoding({ compression: 'none', encryption: { kind: 'none' } });
const full = () => storeErrors.STORE_FULL({ store: 'file:///full', key: 'parts/x' });

function writerTo(put: Store['put'], options: Partial<PartWriterOptions> = {}): PartWriter {
  return new PartWriter({ store: { put }, encoding: bare, known: new Map(), signal, ...options });
}

/** Puts that stay open until told, and what was put so far. */
function heldStore() {
  const puts: { key: string; size: number; finish: () => void; signal: AbortSignal }[] = [];
  const put: Store['put'] = async (key, content, options) =>
    new Promise((resolve, reject) => {
      options.signal.addEventListener('abort', () => reject(options.signal.reason as Error));
      puts.push({ key, size: content.length, finish: resolve, signal: options.signal });
    });
  return { puts, put };
}

/** Whether a promise is still open after everything that could settle it had its turn. */
async function isOpen(promise: Promise<unknown>): Promise<boolean> {
  let isSettled = false;
  promise.then(() => (isSettled = true), () => (isSettled = true));
  for (let turn = 0; turn < 20; turn += 1) await tick();
  return !isSettled;
}

describe('a part writer on a folder', () => {
  let folder: string;
  let store: Store;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-writer-'));
    store = createDirectoryStore({ path: folder });
    await store.prepare({ signal });
  });
  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('stores each content once and says how, whatever the encoding', async () => {
    for (const encoding of everyEncoding()) {
      const seen: { raw: number; stored: number; isNew: boolean }[] = [];
      const writer = new PartWriter({ store, encoding, known: new Map(), signal, onPart: (part) => seen.push(part) });
      const contents = [randomBytes(100), Buffer.alloc(0), Buffer.alloc(300_000, 'row\n'), randomBytes(70_000)];
      const written = await Promise.all([...contents, ...contents].map(async (raw) => writer.write(Buffer.from(raw))));
      const { parts, totals } = await writer.settle();
      expect(written.map(({ name }) => name)).toEqual([...contents, ...contents].map((raw) => encoding.name(raw)));
      expect(parts.size).toBe(4);
      let stored = 0;
      for (const [name, part] of parts) {
        expect(part.encoding).toBe(encoding.encoding);
        expect((await store.stat(partKey(name, part.encoding), { signal }))?.size).toBe(part.stored);
        stored += part.stored;
      }
      const raw = 2 * contents.reduce((sum, content) => sum + content.length, 0);
      expect(totals).toEqual({ raw, parts: 4, stored, newParts: 4, newStored: stored });
      expect(seen.map((part) => part.raw).toSorted((a, b) => a - b)).toEqual([0, 100, 70_000, 300_000]);
      expect(seen.every(({ isNew }) => isNew)).toBe(true);
    }
  });

  it('stores nothing that is known, and counts it as it lies there', async () => {
    const encoding = createPartEncoding({ compression: 'zstd-3', encryption: { kind: 'none' } });
    const [old, young] = [randomBytes(500), randomBytes(600)];
    const known = new Map([[encoding.name(old), { stored: 42, encoding: 'raw.age' as const }]]);
    const writer = new PartWriter({ store, encoding, known, signal });
    await writer.write(Buffer.from(old));
    await writer.write(Buffer.from(young));
    await writer.write(Buffer.from(old));
    const { parts, totals } = await writer.settle();
    const stored = parts.get(encoding.name(young))?.stored ?? 0;
    expect(parts.get(encoding.name(old))).toEqual({ stored: 42, encoding: 'raw.age' });
    expect(totals).toEqual({ raw: 1600, parts: 2, stored: 42 + stored, newParts: 1, newStored: stored });
    const objects = await Array.fromAsync(store.list('parts/', { signal }));
    expect(objects.map(({ key }) => key)).toEqual([partKey(encoding.name(young), 'zst')]);
  });
});

describe('a part writer', () => {
  it('settles at once when nothing was written', async () => {
    const { parts, totals } = await writerTo(async () => undefined).settle();
    expect([parts.size, totals.raw, totals.parts]).toEqual([0, 0, 0]);
  });

  it('answers a second write of the same content while the first is still being stored', async () => {
    const { puts, put } = heldStore();
    const writer = writerTo(put, { maxBytesInFlight: 100 });
    await writer.write(Buffer.alloc(100, 1));
    const waiting = writer.write(Buffer.alloc(50, 2));
    expect(await writer.write(Buffer.alloc(100, 1))).toEqual({ name: bare.name(Buffer.alloc(100, 1)), raw: 100 });
    expect(await writer.write(Buffer.alloc(50, 2))).toEqual({ name: bare.name(Buffer.alloc(50, 2)), raw: 50 });
    expect(await isOpen(waiting)).toBe(true);
    puts[0]?.finish();
    await waiting;
    await tick();
    puts[1]?.finish();
    expect((await writer.settle()).totals).toMatchObject({ parts: 2, newParts: 2, raw: 300 });
    expect(puts).toHaveLength(2);
  });

  it('does not settle before the last part is stored', async () => {
    const { puts, put } = heldStore();
    const writer = writerTo(put);
    await writer.write(Buffer.from('a'));
    await writer.write(Buffer.from('b'));
    const settled = writer.settle();
    while (puts.length < 2) await tick();
    puts[0]?.finish();
    expect(await isOpen(settled)).toBe(true);
    puts[1]?.finish();
    expect((await settled).totals.newParts).toBe(2);
  });

  it('lets a part in that is larger than the bound, but only alone', async () => {
    const { puts, put } = heldStore();
    const writer = writerTo(put, { maxBytesInFlight: 1000 });
    await writer.write(randomBytes(10));
    const large = writer.write(randomBytes(5000));
    const behind = writer.write(randomBytes(10));
    expect(await isOpen(large)).toBe(true);
    puts[0]?.finish();
    await large;
    expect(await isOpen(behind)).toBe(true);
    puts[1]?.finish();
    await behind;
    await tick();
    puts[2]?.finish();
    await writer.settle();
    expect(puts.map(({ size }) => size)).toEqual([10, 5000, 10]);
  });

  it('holds a bounded number of bytes, however much is written and however slow the store is', async () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    // Buffers are freed by a thread beside the first collection; the second waits for it.
    const collect = () => [gc(), gc()];
    const memory = new PartMemory();
    const threads = new EncodingThreads({ level: 1, recipients: undefined }, memory);
    const encoding = { ...createPartEncoding({ compression: 'zstd-1', encryption: { kind: 'none' } }), encode: async (raw: Buffer) => threads.encode(raw) };
    collect();
    const before = process.memoryUsage().arrayBuffers;
    let puts = 0;
    let most = 0;
    const put: Store['put'] = async () => {
      await sleep(2);
      if ((puts += 1) % 32 !== 0) return;
      collect();
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    };
    const writer = writerTo(put, { encoding, memory, maxBytesInFlight: 16 * mebibyte });
    const noise = randomBytes(mebibyte);
    for (let index = 0; index < 1024; index += 1) {
      const raw = writer.memory.take(mebibyte);
      noise.copy(raw);
      raw.writeUInt32LE(index);
      await writer.write(raw);
    }
    expect((await writer.settle()).totals).toMatchObject({ newParts: 1024, raw: 1024 * mebibyte });
    expect(puts).toBe(1024);
    // Besides the parts in flight: the memory that is kept for parts to come, and the noise.
    expect(most).toBeLessThan((16 + 32 + 4) * mebibyte);
    await threads.close(new Error('done'));
  });
});

describe('a part writer that fails', () => {
  it('throws what the store threw from write and from settle, and stops the other puts', async () => {
    const error = full();
    const { puts, put } = heldStore();
    const writer = writerTo(async (key, content, options) => {
      if (content.length !== 7) return put(key, content, options);
      await tick();
      throw error;
    }, { maxBytesInFlight: 100 });
    await writer.write(Buffer.alloc(50, 1));
    await writer.write(Buffer.alloc(7));
    const waiting = writer.write(Buffer.alloc(60, 2));
    expect(await caught(async () => waiting)).toBe(error);
    expect(puts.map((held) => held.signal.aborted)).toEqual([true]);
    expect(await caught(async () => writer.write(Buffer.from('later')))).toBe(error);
    expect(await caught(async () => writer.write(Buffer.alloc(50, 1)))).toBe(error);
    expect(await caught(async () => writer.settle())).toBe(error);
    expect(puts).toHaveLength(1);
  });

  it('waits in settle until every put has ended', async () => {
    let isEnded = false;
    const writer = writerTo(async (_, content) => {
      if (content.length === 1) throw full();
      await sleep(20);
      isEnded = true;
    });
    await writer.write(Buffer.alloc(2));
    await writer.write(Buffer.alloc(1));
    expect(await caught(async () => writer.settle())).toMatchObject({ code: 'STORE_FULL' });
    expect(isEnded).toBe(true);
  });

  it('encodes nothing more', async () => {
    let encoded = 0;
    const encoding = {
      ...bare,
      encode: async (raw: Buffer) => {
        encoded += 1;
        await sleep(1);
        return raw;
      },
    };
    const writer = writerTo(async () => Promise.reject(full()), { encoding, maxBytesInFlight: 10 });
    const written = await Promise.allSettled(Array.from({ length: 20 }, async () => writer.write(randomBytes(10))));
    expect(written.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'STORE_FULL' } });
    await caught(async () => writer.settle());
    expect(encoded).toBeLessThan(4);
  });

  it('throws the reason of an abort at once, to who waits as well', async () => {
    const controller = new AbortController();
    const { put } = heldStore();
    const writer = writerTo(put, { signal: controller.signal, maxBytesInFlight: 10 });
    await writer.write(Buffer.alloc(10, 1));
    const waiting = writer.write(Buffer.alloc(10, 2));
    const reason = new Error('stopped');
    await tick();
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(writer.write(Buffer.alloc(1))).rejects.toBe(reason);
    await expect(writer.settle()).rejects.toBe(reason);
    await expect(writerTo(put, { signal: controller.signal }).write(Buffer.alloc(1))).rejects.toBe(reason);
  });
});
