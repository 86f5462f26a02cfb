import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as tick } from 'node:timers/promises';
import * as fc from 'fast-check';
import { HoldfastError } from '../../../src/operations/errors.ts';
import { type PartEncoding, partKey } from '../../../src/repository/encoding/part-encoding.ts';
import type { PartSlice } from '../../../src/repository/manifest/manifest.ts';
import { createPartReader } from '../../../src/repository/parts/part-reader.ts';
import { PartWriter } from '../../../src/repository/parts/part-writer.ts';
import type { Store } from '../../../src/repository/stores/store.ts';
import { createDirectoryStore } from '../../../src/repository/stores/directory.ts';
import { caught } from '../encoding/caught.ts';
import { everyEncoding } from '../encoding/encryption.ts';

const { signal } = new AbortController();

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-reader-'));
  store = createDirectoryStore({ path: folder });
  await store.prepare({ signal });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** Stores the contents as parts and gives the slice of each whole part. */
async function stored(encoding: PartEncoding, contents: readonly Buffer[]): Promise<PartSlice[]> {
  const writer = new PartWriter({ store, encoding, known: new Map(), signal });
  const written: { name: string; raw: number }[] = [];
  for (const raw of contents) written.push(await writer.write(Buffer.from(raw)));
  const { parts } = await writer.settle();
  return written.map(({ name, raw }) => {
    const part = parts.get(name);
    if (part === undefined) throw new Error(`the writer does not know ${name}`);
    return { part: name, raw, ...part };
  });
}

/** Gets that wait until told to go on; counts them. */
function heldStore() {
  const gets: { key: string; finish: () => void }[] = [];
  const get: Store['get'] = async (key, options) => {
    await new Promise<void>((resolve) => gets.push({ key, finish: resolve }));
    return store.get(key, options);
  };
  return { gets, get };
}

const nameFinding = (error: unknown) => (error instanceof HoldfastError ? `${error.code} ${error.values['object']}` : String(error));
const keyOf = ({ part, encoding }: PartSlice) => partKey(part, encoding);

describe('a part reader', () => {
  it('gives back what was written, in order, whatever the encoding', async () => {
    for (const encoding of everyEncoding()) {
      const contents = [randomBytes(10), Buffer.alloc(0), Buffer.alloc(200_000, 'row\n'), randomBytes(65_536), randomBytes(10)];
      const slices = await stored(encoding, contents);
      const reader = createPartReader({ store, encoding, signal });
      expect((await reader.read(slices[2] as PartSlice)).equals(contents[2] as Buffer)).toBe(true);
      expect(Buffer.concat(await Array.fromAsync(reader.readAll(slices))).equals(Buffer.concat(contents))).toBe(true);
    }
    expect(await Array.fromAsync(createPartReader({ store, encoding: everyEncoding()[0] as PartEncoding, signal }).readAll([]))).toEqual([]);
  });

  it('gives any slices of any parts, within any bounds', async () => {
    const encoding = everyEncoding()[1] as PartEncoding;
    const contents = [1, 2, 3, 4, 5].map((seed) => Buffer.from(Array.from({ length: seed * 100 }, (_, index) => (index * seed) & 255)));
    const whole = await stored(encoding, contents);
    const anySlice = fc
      .record({ of: fc.nat(4), from: fc.nat(500), to: fc.nat(500), isWhole: fc.boolean() })
      .map(({ of, from, to, isWhole }): { slice: PartSlice; bytes: Buffer } => {
        const [slice, content] = [whole[of] as PartSlice, contents[of] as Buffer];
        if (isWhole) return { slice, bytes: content };
        const [offset, end] = [Math.min(from, to, content.length), Math.min(Math.max(from, to), content.length)];
        return { slice: { ...slice, offset, length: end - offset }, bytes: content.subarray(offset, end) };
      });
    await fc.assert(
      fc.asyncProperty(fc.array(anySlice), fc.integer({ min: 1, max: 5 }), fc.nat(1000), fc.nat(1000), async (wanted, concurrency, maxBytesAhead, maxBytesKept) => {
        const reader = createPartReader({ store, encoding, signal, concurrency, maxBytesAhead, maxBytesKept });
        const read = await Array.fromAsync(reader.readAll(wanted.map(({ slice }) => slice)));
        expect(read.map((bytes) => bytes.toString('hex'))).toEqual(wanted.map(({ bytes }) => bytes.toString('hex')));
      }),
      { numRuns: 40 },
    );
  });

  it('fetches a part once for all the small tables that share it', async () => {
    const encoding = everyEncoding()[3] as PartEncoding;
    const [slice] = (await stored(encoding, [randomBytes(1000)])) as [PartSlice];
    let gets = 0;
    const get: Store['get'] = async (key, options) => {
      gets += 1;
      return store.get(key, options);
    };
    const reader = createPartReader({ store: { get }, encoding, signal });
    const slices = Array.from({ length: 100 }, (_, index) => ({ ...slice, offset: index * 10, length: 10 }));
    await Array.fromAsync(reader.readAll(slices));
    await reader.read(slices[7] as PartSlice);
    expect(gets).toBe(1);
  });

  it('keeps shared parts only within its bound', async () => {
    const encoding = everyEncoding()[0] as PartEncoding;
    const slices = (await stored(encoding, [randomBytes(1000), randomBytes(1000), randomBytes(1000)])).map((slice) => ({ ...slice, length: 5 }));
    const gets: string[] = [];
    const get: Store['get'] = async (key, options) => {
      gets.push(key);
      return store.get(key, options);
    };
    const reader = createPartReader({ store: { get }, encoding, signal, maxBytesKept: 2000 });
    for (const index of [0, 1, 0, 2, 0, 1]) await reader.read(slices[index] as PartSlice);
    expect(gets).toEqual([0, 1, 2, 1].map((index) => keyOf(slices[index] as PartSlice)));
  });

  it('reads ahead no more parts and no more bytes than it may', async () => {
    const encoding = everyEncoding()[0] as PartEncoding;
    const slices = await stored(encoding, Array.from({ length: 20 }, () => randomBytes(100)));
    for (const [limits, expected] of [
      [{ maxBytesAhead: 350 }, 3],
      [{ concurrency: 5 }, 5],
      [{ maxBytesAhead: 10 }, 1],
    ] as const) {
      const { gets, get } = heldStore();
      const reading = createPartReader({ store: { get }, encoding, signal, ...limits }).readAll(slices)[Symbol.asyncIterator]();
      for (let turn = 0; turn < slices.length; turn += 1) {
        const next = reading.next();
        await tick();
        expect(gets.length).toBe(Math.min(slices.length, turn + expected));
        for (const { finish } of gets) finish();
        expect(((await next).value as Buffer).length).toBe(100);
      }
      expect((await reading.next()).done).toBe(true);
    }
  });

  it('lets its consumer stop early, even while a part ahead fails', async () => {
    const encoding = everyEncoding()[0] as PartEncoding;
    const slices = await stored(encoding, [randomBytes(10), randomBytes(20), randomBytes(30)]);
    await store.delete(keyOf(slices[1] as PartSlice), { signal });
    const read: number[] = [];
    for await (const bytes of createPartReader({ store, encoding, signal }).readAll(slices)) {
      read.push(bytes.length);
      break;
    }
    await tick();
    expect(read).toEqual([10]);
  });

  it('stops with the reason of an abort', async () => {
    const encoding = everyEncoding()[0] as PartEncoding;
    const slices = await stored(encoding, [randomBytes(10), randomBytes(20)]);
    const controller = new AbortController();
    const reader = createPartReader({ store, encoding, signal: controller.signal, concurrency: 1 });
    const reading = reader.readAll(slices)[Symbol.asyncIterator]();
    await reading.next();
    const reason = new Error('stopped');
    controller.abort(reason);
    await expect(reading.next()).rejects.toBe(reason);
    await expect(reader.read(slices[0] as PartSlice)).rejects.toBe(reason);
  });
});

describe('a damaged part', () => {
  it('is found and named whichever bit was flipped', async () => {
    for (const encoding of everyEncoding()) {
      const [whole, slice] = (await stored(encoding, [randomBytes(5), randomBytes(40)])) as [PartSlice, PartSlice];
      const reader = createPartReader({ store, encoding, signal });
      await reader.read(whole);
      const object = await store.get(keyOf(slice), { signal });
      const findings = new Map<string, number>();
      for (let bit = 0; bit < object.length * 8; bit += 1) {
        const changed = Buffer.from(object);
        changed[bit >>> 3] = (changed[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
        const damaged = createPartReader({ store: { get: async () => Buffer.from(changed) }, encoding, signal });
        const found = await damaged.read(slice).then(async (raw) => `${encoding.name(raw) === slice.part ? 'right' : 'wrong'} content`, nameFinding);
        findings.set(found, (findings.get(found) ?? 0) + 1);
      }
      // Encrypted, every bit counts. The bare zstd header has one without a meaning: the right content comes out then.
      const meaningless = encoding.encoding === 'zst' ? { 'right content': 1 } : {};
      const all = { [`OBJECT_CORRUPT ${keyOf(slice)}`]: object.length * 8 - Object.keys(meaningless).length, ...meaningless };
      expect(Object.fromEntries(findings)).toEqual(all);
    }
  });

  it('is found and named when it is cut off, longer, empty, gone, or another part', async () => {
    for (const encoding of everyEncoding()) {
      const [slice, twin] = (await stored(encoding, [randomBytes(5000), randomBytes(5000)])) as [PartSlice, PartSlice];
      expect(slice.stored).toBe(twin.stored);
      const [object, other] = await Promise.all([slice, twin].map(async (part) => store.get(keyOf(part), { signal }))) as [Buffer, Buffer];
      const foreign = { en: await encoding.encode(randomBytes(5000)) };
      for (const changed of [object.subarray(0, -1), object.subarray(0, 10), Buffer.alloc(0), Buffer.concat([object, Buffer.alloc(1)]), Buffer.concat([object, object]), other, foreign.en]) {
        await store.put(keyOf(slice), changed, { signal });
        const reader = createPartReader({ store, encoding, signal });
        await reader.read(twin);
        expect(await caught(async () => reader.read(slice))).toMatchObject({ code: 'OBJECT_CORRUPT', category: 'integrity', values: { object: keyOf(slice) } });
        expect(await caught(async () => Array.fromAsync(reader.readAll([twin, slice])))).toMatchObject({ code: 'OBJECT_CORRUPT' });
      }
      await store.delete(keyOf(slice), { signal });
      const gone = await caught(async () => createPartReader({ store, encoding, signal }).read(slice));
      expect(gone).toMatchObject({ code: 'PART_MISSING', category: 'integrity', values: { object: keyOf(slice) } });
      expect(gone.hint).toContain('another backup');
      await store.delete(keyOf(twin), { signal });
    }
  });

  it('is found when the manifest says other sizes or places than the part has', async () => {
    const encoding = everyEncoding()[3] as PartEncoding;
    const [slice] = (await stored(encoding, [randomBytes(100)])) as [PartSlice];
    const reader = createPartReader({ store, encoding, signal });
    const lies: Partial<PartSlice>[] = [{ raw: 99 }, { raw: 101 }, { offset: 90, length: 11 }, { offset: 101 }, { length: 101 }];
    for (const lie of lies) {
      expect(await caught(async () => reader.read({ ...slice, ...lie }))).toMatchObject({ code: 'OBJECT_CORRUPT', values: { object: keyOf(slice) } });
    }
    expect((await reader.read({ ...slice, offset: 100, length: 0 })).length).toBe(0);
  });

  it('is not a part that another run has stored anew with another compression level', async () => {
    const encoding = everyEncoding()[3] as PartEncoding;
    const [slice] = (await stored(encoding, [randomBytes(100)])) as [PartSlice];
    const reader = createPartReader({ store, encoding, signal });
    expect((await reader.read({ ...slice, stored: slice.stored + 1 })).length).toBe(100);
  });

  it('does not spoil the next read of a shared part', async () => {
    const encoding = everyEncoding()[1] as PartEncoding;
    const [slice] = (await stored(encoding, [randomBytes(100)])) as [PartSlice];
    const object = await store.get(keyOf(slice), { signal });
    const reader = createPartReader({ store, encoding, signal });
    await store.put(keyOf(slice), Buffer.alloc(object.length), { signal });
    expect(await caught(async () => reader.read({ ...slice, length: 10 }))).toMatchObject({ code: 'OBJECT_CORRUPT' });
    await store.put(keyOf(slice), object, { signal });
    expect((await reader.read({ ...slice, length: 10 })).length).toBe(10);
  });
});
