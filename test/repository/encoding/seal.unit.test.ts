import { describe, expect, it } from '@jest/globals';
import { createHash, createHmac } from 'node:crypto';
import { checkSeal, seal } from '../../../src/repository/encoding/seal.ts';
import { createKeyRing, type Encryption, generateKeys, readKeys } from '../../../src/repository/keys.ts';

const repositoryKey = '0123456789abcdef'.repeat(4);
const { recipient } = generateKeys(new Date(0));
const keyed = (text: string): Encryption => {
  const keys = readKeys({ repositoryKey: text, recipients: recipient });
  if (keys.repositoryKey === undefined) throw new Error('no key was read');
  return { kind: 'age', keys: createKeyRing({ ...keys, repositoryKey: keys.repositoryKey }) };
};
const plain: Encryption = { kind: 'none' };
const document = { format: 1, id: '20260116T180445Z-a1b2c3', nested: { 列: ['x', null, 1.5] } };

describe('a seal', () => {
  it('is the HMAC under a key derived from the repository key, over the JSON without the seal', () => {
    const sealKey = createHmac('sha256', Buffer.from(repositoryKey, 'hex')).update('holdfast seal v1').digest();
    const right = createHmac('sha256', sealKey).update(JSON.stringify(document)).digest('hex');
    expect(seal(document, keyed(repositoryKey))).toBe(`hmac-sha256:${right}`);
    expect(seal({ ...document, seal: 'an old one' }, keyed(repositoryKey))).toBe(`hmac-sha256:${right}`);
  });

  it('is the plain hash in a repository without encryption', () => {
    expect(seal(document, plain)).toBe(`sha256:${createHash('sha256').update(JSON.stringify(document)).digest('hex')}`);
  });

  it('holds after a trip through JSON, wherever the field stands', () => {
    for (const encryption of [plain, keyed(repositoryKey)]) {
      const sealed = JSON.stringify({ seal: seal(document, encryption), ...document }, undefined, 2);
      expect(checkSeal(JSON.parse(sealed) as Record<string, unknown>, encryption)).toBe(true);
    }
  });

  it('does not hold for another content, another key, another kind or no seal', () => {
    const encryption = keyed(repositoryKey);
    const sealed = { ...document, seal: seal(document, encryption) };
    expect(checkSeal({ ...sealed, format: 2 }, encryption)).toBe(false);
    expect(checkSeal({ ...sealed, added: 1 }, encryption)).toBe(false);
    expect(checkSeal(sealed, keyed('f'.repeat(64)))).toBe(false);
    expect(checkSeal(sealed, plain)).toBe(false);
    expect(checkSeal({ ...document, seal: seal(document, plain) }, encryption)).toBe(false);
    for (const bad of [undefined, null, 7, '', 'hmac-sha256:', sealed.seal.slice(0, -1), `${sealed.seal}0`, sealed.seal.toUpperCase()]) {
      expect(checkSeal({ ...document, seal: bad }, encryption)).toBe(false);
    }
  });
});
