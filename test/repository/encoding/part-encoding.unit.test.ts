import { describe, expect, it } from '@jest/globals';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createPartEncoding, partKey } from '../../../src/repository/encoding/part-encoding.ts';
import type { Encryption } from '../../../src/repository/keys.ts';
import { caught } from './caught.ts';
import { everyEncoding, keyRing } from './encryption.ts';

const raw = Buffer.from('1\tone\n2\ttwo\n'.repeat(1000));

describe('a part’s encoding', () => {
  it('says in the object’s key how a person reads it', () => {
    expect(everyEncoding().map(({ encoding }) => encoding)).toEqual(['raw', 'zst', 'raw.age', 'zst.age']);
    const name = 'ab'.repeat(32);
    expect(partKey(name, 'zst.age')).toBe(`parts/ab/${name}.zst.age`);
  });

  it('gives back parts of any size', async () => {
    for (const encoding of everyEncoding()) {
      for (const part of [Buffer.alloc(0), randomBytes(1), randomBytes(65_536), raw]) {
        const stored = await encoding.encode(part);
        const decoded = await encoding.decode(stored, { object: 'x', encoding: encoding.encoding, raw: part.length });
        expect(decoded.equals(part)).toBe(true);
      }
    }
  });

  it('reads parts that runs with another compression stored', async () => {
    const encryption: Encryption = { kind: 'age', keys: keyRing(1).keys };
    const [plain, packed] = (['none', 'zstd-9'] as const).map((compression) => createPartEncoding({ compression, encryption }));
    if (plain === undefined || packed === undefined) throw new Error('two encodings were made');
    const stored = await packed.encode(raw);
    expect((await plain.decode(stored, { object: 'x', encoding: packed.encoding, raw: raw.length })).equals(raw)).toBe(true);
    expect(plain.name(raw)).toBe(packed.name(raw));
  });

  it('names a part by its hash, keyed where the repository is encrypted', () => {
    const { keys } = keyRing(1);
    const none = createPartEncoding({ compression: 'none', encryption: { kind: 'none' } });
    const age = createPartEncoding({ compression: 'none', encryption: { kind: 'age', keys } });
    expect(none.name(raw)).toBe(createHash('sha256').update(raw).digest('hex'));
    expect(age.name(raw)).toBe(createHmac('sha256', keys.partNameKey).update(raw).digest('hex'));
    expect(age.name(Buffer.from(raw))).toBe(age.name(raw));
  });

  it('refuses a part of another size than the manifest says', async () => {
    for (const encoding of everyEncoding()) {
      const stored = await encoding.encode(raw);
      const error = await caught(async () => encoding.decode(stored, { object: 'the key', encoding: encoding.encoding, raw: raw.length + 1 }));
      expect(error).toMatchObject({ code: 'OBJECT_CORRUPT', values: { object: 'the key' } });
    }
  });

  it('writes with recipients alone and then does not read', async () => {
    const { identities: _, ...keys } = keyRing(1).keys;
    const encoding = createPartEncoding({ compression: 'zstd-3', encryption: { kind: 'age', keys: { ...keys, identities: [] } } });
    const stored = await encoding.encode(raw);
    expect(await caught(async () => encoding.decode(stored, { object: 'x', encoding: 'zst.age', raw: raw.length }))).toMatchObject({
      code: 'DECRYPTION_REFUSED',
    });
  });

  it('takes an object that its identities do not open for damaged once they have opened another', async () => {
    const [mine, foreign] = [keyRing(1), keyRing(1)].map(({ keys }) =>
      createPartEncoding({ compression: 'zstd-3', encryption: { kind: 'age', keys } }),
    );
    if (mine === undefined || foreign === undefined) throw new Error('two encodings were made');
    const how = { object: 'x', encoding: 'zst.age', raw: raw.length } as const;
    const stored = await foreign.encode(raw);
    expect(await caught(async () => mine.decode(stored, how))).toMatchObject({ code: 'DECRYPTION_REFUSED' });
    await mine.decode(await mine.encode(raw), how);
    expect(await caught(async () => mine.decode(stored, how))).toMatchObject({ code: 'OBJECT_CORRUPT', category: 'integrity' });
  });

  it('compresses documents whatever the parts’ compression is, and encrypts them like parts', async () => {
    for (const encoding of everyEncoding()) {
      const stored = await encoding.encodeDocument(raw);
      expect(stored.length).toBeLessThan(raw.length / 2);
      expect(stored.toString('latin1').startsWith('age-encryption.org/v1\n')).toBe(encoding.encoding.endsWith('.age'));
      expect((await encoding.decodeDocument(stored, 'body')).equals(raw)).toBe(true);
      expect(await caught(async () => encoding.decodeDocument(stored.subarray(0, -1), 'body'))).toMatchObject({ values: { object: 'body' } });
    }
  });
});
