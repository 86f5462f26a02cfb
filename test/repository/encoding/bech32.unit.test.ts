import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { decodeBech32, encodeBech32 } from '../../../src/repository/encoding/bech32.ts';

describe('bech32', () => {
  it('encodes and decodes the texts of BIP 173', () => {
    for (const text of ['A12UEL5L', 'an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs']) {
      const decoded = decodeBech32(text);
      expect(decoded?.bytes.length).toBe(0);
      expect(encodeBech32(decoded?.prefix ?? '', decoded?.bytes ?? Buffer.alloc(0))).toBe(text.toLowerCase());
    }
  });

  it('gives back any bytes, in either case', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const text = encodeBech32('age', bytes);
        for (const written of [text, text.toUpperCase()]) {
          expect(decodeBech32(written)).toEqual({ prefix: 'age', bytes: Buffer.from(bytes) });
        }
      }),
    );
  });

  it('refuses every mistyped character', () => {
    const text = encodeBech32('age', Buffer.alloc(32, 0x5a));
    for (let at = 0; at < text.length; at += 1) {
      const other = text[at] === 'q' ? 'p' : 'q';
      expect(decodeBech32(`${text.slice(0, at)}${other}${text.slice(at + 1)}`)).toBeUndefined();
    }
  });

  it('refuses mixed case, missing prefix, short checksum, foreign characters and padding that is not zero', () => {
    const padded = 'age1qyzxxuae'; // one word of content: five bits are no byte
    for (const text of ['A12uEL5L', '1nwldj5', 'x1b4n0q5v', 'li1dgmt3', 'de1lg7wtb', '', 'age', 'age1', padded]) {
      expect(decodeBech32(text)).toBeUndefined();
    }
  });
});
