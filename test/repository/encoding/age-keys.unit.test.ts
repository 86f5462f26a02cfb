import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import {
  fingerprint,
  formatIdentity,
  generateIdentity,
  parseIdentities,
  parseIdentity,
  parseRecipient,
  parseRecipients,
  recipientOf,
} from '../../../src/repository/encoding/age-keys.ts';
import { caught } from './caught.ts';

describe('age keys', () => {
  it('names the recipient of an identity as the age-encryption package does', async () => {
    for (const text of await Promise.all(Array.from({ length: 20 }, async () => generateX25519Identity()))) {
      expect(recipientOf(parseIdentity(text)).text).toBe(await identityToRecipient(text));
    }
  });

  it('makes identities that the age-encryption package reads', async () => {
    const identity = generateIdentity();
    expect(await identityToRecipient(formatIdentity(identity))).toBe(identity.recipient.text);
  });

  it('writes an identity as it was read', () => {
    const text = formatIdentity(generateIdentity());
    expect(text).toMatch(/^AGE-SECRET-KEY-1[0-9A-Z]{58}$/);
    expect(formatIdentity(parseIdentity(text))).toBe(text);
  });

  it('takes the fingerprint of the recipient’s text', () => {
    const { recipient } = generateIdentity();
    expect(fingerprint(recipient)).toBe(createHash('sha256').update(recipient.text).digest('hex'));
  });

  it('reads every key of a file with comments, empty lines and Windows line ends', () => {
    const [first, second] = [generateIdentity(), generateIdentity()];
    const identities = `# created: today\r\n# public key: x\r\n${formatIdentity(first)}\r\n\r\n  ${formatIdentity(second)}  \n`;
    expect(parseIdentities(identities).map((identity) => identity.recipient.text)).toEqual([first.recipient.text, second.recipient.text]);
    expect(parseRecipients(`# us\n${first.recipient.text}\n\n${second.recipient.text}`).map(({ text }) => text)).toEqual([
      first.recipient.text,
      second.recipient.text,
    ]);
    expect(parseIdentities('# none\n')).toEqual([]);
  });

  it('names the line of a bad key and never shows it', async () => {
    const secret = formatIdentity(generateIdentity());
    const mistyped = `${secret.slice(0, -1)}${secret.endsWith('Q') ? 'P' : 'Q'}`;
    for (const text of [mistyped, secret.toLowerCase(), recipientOf(generateIdentity()).text, 'AGE-PLUGIN-YUBIKEY-1QQQQ', 'hunter2']) {
      const error = await caught(() => parseIdentities(`# mine\n${text}\n`));
      expect(error).toMatchObject({ code: 'IDENTITY_INVALID', category: 'usage', values: { line: 2 } });
      expect(`${error.message} ${error.hint}`).not.toContain(text);
    }
  });

  it('refuses as a recipient what is none, above all an identity, and never shows it', async () => {
    const identity = generateIdentity();
    for (const text of [formatIdentity(identity), identity.recipient.text.toUpperCase(), `${identity.recipient.text}x`, 'ssh-ed25519 AAAA']) {
      const error = await caught(() => parseRecipient(text, 7));
      expect(error).toMatchObject({ code: 'RECIPIENT_INVALID', category: 'usage', values: { line: 7 } });
      expect(`${error.message} ${error.hint}`).not.toContain(text);
    }
  });

  it('shows no secret when an identity is logged as JSON', () => {
    const identity = generateIdentity();
    const { d } = identity.privateKey.export({ format: 'jwk' });
    expect(JSON.stringify(identity)).not.toContain(d);
    expect(JSON.stringify(identity)).not.toContain('SECRET');
  });
});
