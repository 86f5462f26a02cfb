import { describe, expect, it } from '@jest/globals';
import { createSigner } from '../../../src/operations/security/signer.ts';

describe('createSigner', () => {
  const signer = createSigner(['new', 'old'], 'csrf');

  it('knows its own signatures, and no other text’s', () => {
    const signature = signer.sign('text');
    expect(signature).toMatch(/^[\w-]{43}$/);
    expect(signer.verify('text', signature)).toBe(true);
    expect(signer.verify('other text', signature)).toBe(false);
  });

  it('signs by the first key and knows what all of them signed', () => {
    expect(createSigner(['new'], 'csrf').verify('text', signer.sign('text'))).toBe(true);
    expect(signer.verify('text', createSigner(['old'], 'csrf').sign('text'))).toBe(true);
    expect(createSigner(['old'], 'csrf').verify('text', signer.sign('text'))).toBe(false);
    expect(signer.verify('text', createSigner(['foreign'], 'csrf').sign('text'))).toBe(false);
  });

  it('does not take a signature for another purpose', () => {
    expect(createSigner(['new'], 'link').verify('text', signer.sign('text'))).toBe(false);
  });

  it.each(['', 'x', '!!!', 'A'.repeat(43), 'A'.repeat(10_000)])('refuses what is no signature: %.20s', (signature) => {
    expect(signer.verify('text', signature)).toBe(false);
  });

  it('is not made without a key', () => {
    expect(() => createSigner([], 'csrf')).toThrow('a signer needs a secret key');
  });
});
