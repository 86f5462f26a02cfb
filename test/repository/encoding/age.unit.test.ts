import { describe, expect, it } from '@jest/globals';
import { createCipheriv, randomBytes } from 'node:crypto';
import { Decrypter, Encrypter, Stanza } from 'age-encryption';
import * as fc from 'fast-check';
import { decryptAge, encryptAge } from '../../../src/repository/encoding/age.ts';
import { deriveKey, parseHeader, unwrapFileKey } from '../../../src/repository/encoding/age-header.ts';
import { formatIdentity, generateIdentity } from '../../../src/repository/encoding/age-keys.ts';
import { caught } from './caught.ts';

const chunk = 64 * 1024;
const [mine, yours, stranger] = [generateIdentity(), generateIdentity(), generateIdentity()];
const object = 'parts/ab/abc.raw.age';
const edgeSizes = [0, 1, 15, 16, 17, chunk - 1, chunk, chunk + 1, 2 * chunk - 1, 2 * chunk, 2 * chunk + 1, 5 * chunk + 7];

/** Sizes near a chunk's edge as often as any other. */
const content = fc
  .oneof(fc.nat(300), fc.nat(3 * chunk), fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: -20, max: 20 })).map(([n, d]) => n * chunk + d))
  .map((size) => randomBytes(size));

async function packageDecrypts(file: Uint8Array, identity: string): Promise<Buffer> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return Buffer.from(await decrypter.decrypt(new Uint8Array(file)));
}

async function packageEncrypts(plain: Uint8Array, recipients: readonly (string | { wrapFileKey: () => Stanza[] })[]): Promise<Buffer> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return Buffer.from(await encrypter.encrypt(new Uint8Array(plain)));
}

/** The file with another payload, sealed under its own file key as `chunks` say. */
function withPayload(file: Buffer, chunks: readonly { content: Buffer; counter: number; isLast: boolean }[]): Buffer {
  const header = parseHeader(file);
  if (typeof header === 'string') throw new Error(header);
  const fileKey = unwrapFileKey(header, [mine]);
  if (!Buffer.isBuffer(fileKey)) throw new Error('no file key');
  const salt = randomBytes(16);
  const sealed = chunks.flatMap(({ content: plain, counter, isLast }) => {
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(counter, 7);
    nonce[11] = isLast ? 1 : 0;
    const seal = createCipheriv('chacha20-poly1305', deriveKey(fileKey, salt, 'payload'), nonce, { authTagLength: 16 });
    return [seal.update(plain), seal.final(), seal.getAuthTag()];
  });
  return Buffer.concat([file.subarray(0, header.end), salt, ...sealed]);
}

const share = (raw: Buffer) => raw.toString('base64').replaceAll('=', '');

describe('age files', () => {
  it('come back whole at every size around the edges of chunks, for each recipient', () => {
    for (const size of edgeSizes) {
      const plain = randomBytes(size);
      const file = encryptAge(plain, [mine.recipient, yours.recipient]);
      expect(decryptAge(file, [mine], object).equals(plain)).toBe(true);
      expect(decryptAge(file, [stranger, yours], object).equals(plain)).toBe(true);
    }
  });

  it('are read by the age-encryption package, and the package’s by us', async () => {
    await fc.assert(
      fc.asyncProperty(content, async (plain) => {
        const ours = await packageDecrypts(encryptAge(plain, [yours.recipient, mine.recipient]), formatIdentity(mine));
        const theirs = decryptAge(await packageEncrypts(plain, [stranger.recipient.text, mine.recipient.text]), [yours, mine], object);
        expect([ours.equals(plain), theirs.equals(plain)]).toEqual([true, true]);
      }),
      { numRuns: 40 },
    );
  });

  it('differ each time, for the same content', () => {
    const files = Array.from({ length: 5 }, () => encryptAge(Buffer.from('same'), [mine.recipient]).toString('base64'));
    expect(new Set(files).size).toBe(5);
  });

  it('are never written for nobody', async () => {
    expect(await caught(() => encryptAge(Buffer.from('lost'), []))).toMatchObject({ code: 'RECIPIENT_MISSING', category: 'usage' });
  });

  it('may lie anywhere in a larger buffer', () => {
    const file = encryptAge(Buffer.from('within'), [mine.recipient]);
    const larger = Buffer.concat([Buffer.from('before'), file, Buffer.from('after')]);
    expect(decryptAge(larger.subarray(6, 6 + file.length), [mine], object).toString()).toBe('within');
  });

  it('are refused to who is no recipient, naming the object and the variable to set', async () => {
    const file = encryptAge(Buffer.from('secret'), [mine.recipient]);
    for (const identities of [[], [stranger, yours]]) {
      const error = await caught(() => decryptAge(file, identities, object));
      expect(error).toMatchObject({ code: 'DECRYPTION_REFUSED', category: 'usage', values: { object } });
      expect(error.hint).toContain('HOLDFAST_IDENTITY');
    }
  });

  it('may name recipients of other types, with bodies of any length', async () => {
    for (const size of [0, 1, 47, 48, 49, 96, 1000]) {
      const other = { wrapFileKey: () => [new Stanza(['example.com/other', 'argument', '!~'], new Uint8Array(size))] };
      const file = await packageEncrypts(Buffer.from('shared'), [other, mine.recipient.text, other]);
      expect(decryptAge(file, [mine], object).toString()).toBe('shared');
    }
  });
});

describe('a changed age file', () => {
  it('is refused whichever bit was flipped', async () => {
    const file = encryptAge(Buffer.from('a small part'), [mine.recipient]);
    for (let bit = 0; bit < file.length * 8; bit += 1) {
      const changed = Buffer.from(file);
      changed[bit >>> 3] = (changed[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      const error = await caught(() => decryptAge(changed, [mine], object));
      expect(['OBJECT_CORRUPT', 'DECRYPTION_REFUSED']).toContain(error.code);
    }
  });

  it('is refused wherever it was cut off', async () => {
    const file = encryptAge(randomBytes(40), [mine.recipient]);
    for (let length = 0; length < file.length; length += 1) {
      expect(await caught(() => decryptAge(file.subarray(0, length), [mine], object))).toMatchObject({ code: 'OBJECT_CORRUPT', values: { object } });
    }
  });

  it('is refused when chunks are dropped, swapped, repeated or added', async () => {
    const file = encryptAge(randomBytes(3 * chunk), [mine.recipient]);
    const sealed = chunk + 16;
    const start = file.length - 3 * sealed;
    const [header, ...chunks] = [file.subarray(0, start), ...[0, 1, 2].map((n) => file.subarray(start + n * sealed, start + (n + 1) * sealed))];
    for (const order of [[0], [0, 1], [1, 2], [1, 0, 2], [0, 1, 1, 2], [0, 1, 2, 2], []]) {
      const changed = Buffer.concat([header, ...order.map((n) => chunks[n] ?? Buffer.alloc(0))]);
      expect(await caught(() => decryptAge(changed, [mine], object))).toMatchObject({ code: 'OBJECT_CORRUPT', category: 'integrity' });
    }
    for (const extra of [1, 16, 17, 100_000]) {
      const changed = Buffer.concat([file, Buffer.alloc(extra)]);
      expect(await caught(() => decryptAge(changed, [mine], object))).toMatchObject({ code: 'OBJECT_CORRUPT' });
    }
  });

  it('is refused when its last chunk is empty, but for an empty file', async () => {
    const file = encryptAge(Buffer.alloc(0), [mine.recipient]);
    const [full, empty] = [randomBytes(chunk), Buffer.alloc(0)];
    expect(decryptAge(withPayload(file, [{ content: empty, counter: 0, isLast: true }]), [mine], object).length).toBe(0);
    expect(decryptAge(withPayload(file, [{ content: full, counter: 0, isLast: true }]), [mine], object).equals(full)).toBe(true);
    const trailing = withPayload(file, [
      { content: full, counter: 0, isLast: false },
      { content: empty, counter: 1, isLast: true },
    ]);
    const unfinished = withPayload(file, [{ content: full, counter: 0, isLast: false }]);
    for (const changed of [trailing, unfinished]) {
      expect(await caught(() => decryptAge(changed, [mine], object))).toMatchObject({ code: 'OBJECT_CORRUPT' });
    }
  });

  it('is refused when its header breaks a rule of the format', async () => {
    const text = encryptAge(Buffer.from('x'), [mine.recipient]).toString('latin1');
    const edits: Readonly<Record<string, [from: RegExp, to: string]>> = {
      'another version': [/v1\n/, 'v2\n'],
      'a longer version line': [/v1\n/, 'v1 \n'],
      'Windows line ends': [/v1\n/, 'v1\r\n'],
      'padding in base64': [/\n--- /, '=\n--- '],
      'a stanza with no type': [/-> X25519 \S+/, '-> '],
      'an empty argument': [/-> X25519 /, '-> X25519  '],
      'a further argument': [/-> X25519 /, '-> X25519 more '],
      'a stanza without its short last line': [/\n--- /, `\n${'A'.repeat(64)}\n--- `],
      'no MAC': [/--- \S+/, '---'],
      'a short MAC': [/--- \S/, '--- '],
      'no stanza': [/-> [^]*\n---/, '---'],
      'a further stanza': [/-> X25519/, '-> other\n\n-> X25519'],
      'a passphrase beside recipients': [/-> X25519/, '-> scrypt AAAA 10\n\n-> X25519'],
    };
    for (const [name, [from, to]] of Object.entries(edits)) {
      const changed = text.replace(from, to);
      expect({ name, isChanged: changed !== text }).toEqual({ name, isChanged: true });
      const error = await caught(() => decryptAge(Buffer.from(changed, 'latin1'), [mine], object));
      expect({ name, code: error.code }).toEqual({ name, code: 'OBJECT_CORRUPT' });
    }
  });

  it('is refused when base64 of it has other spare bits for the same bytes', async () => {
    const text = encryptAge(Buffer.from('x'), [mine.recipient]).toString('latin1');
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    for (const end of [/(\S)\n(?=\S+\n---)/, /(\S)\n(?=---)/]) {
      const changed = text.replace(end, (_, last: string) => `${alphabet[alphabet.indexOf(last) ^ 1]}\n`);
      expect(changed).not.toBe(text);
      expect(await caught(() => decryptAge(Buffer.from(changed, 'latin1'), [mine], object))).toMatchObject({ code: 'OBJECT_CORRUPT' });
    }
  });

  it('is refused when a stanza holds a point of low order or has another size', async () => {
    const one = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]);
    const stanzas = [
      new Stanza(['X25519', share(Buffer.alloc(32))], new Uint8Array(32)),
      new Stanza(['X25519', share(one)], new Uint8Array(32)),
      new Stanza(['X25519', share(randomBytes(31))], new Uint8Array(32)),
      new Stanza(['X25519', share(randomBytes(32))], new Uint8Array(33)),
      new Stanza(['X25519'], new Uint8Array(32)),
    ];
    for (const stanza of stanzas) {
      const file = await packageEncrypts(Buffer.from('x'), [{ wrapFileKey: () => [stanza] }, mine.recipient.text]);
      expect(await caught(() => decryptAge(file, [mine], object))).toMatchObject({ code: 'OBJECT_CORRUPT' });
    }
  });
});
