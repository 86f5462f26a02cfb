import { describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { generateIdentity } from '../../src/repository/encoding/age-keys.ts';
import { createKeyRing, generateKeys, readKeys, unwrapRepositoryKey, wrapRepositoryKey } from '../../src/repository/keys.ts';
import { caught } from './encoding/caught.ts';
import { keyRing } from './encoding/encryption.ts';

const hex = 'AB'.repeat(32);

describe('keys', () => {
  it('are read from what keygen generates', () => {
    const generated = generateKeys(new Date('2026-01-16T18:04:45Z'));
    expect(generated.repositoryKey).toMatch(/^[0-9a-f]{64}\n$/);
    expect(generated.identity).toMatch(/^# created: 2026-01-16T18:04:45.000Z\n# public key: age1[0-9a-z]{58}\nAGE-SECRET-KEY-1[0-9A-Z]{58}\n$/);
    const keys = readKeys({ repositoryKey: generated.repositoryKey, recipients: generated.recipient, identities: generated.identity });
    expect(keys.repositoryKey?.export().toString('hex')).toBe(generated.repositoryKey.trim());
    expect(keys.recipients.map(({ text }) => `${text}\n`)).toEqual([generated.recipient]);
    expect(keys.identities.map((identity) => identity.recipient.text)).toEqual(keys.recipients.map(({ text }) => text));
  });

  it('are new each time', () => {
    const generated = Array.from({ length: 5 }, () => generateKeys(new Date(0)));
    expect(new Set(generated.flatMap(({ repositoryKey, identity, recipient }) => [repositoryKey, identity, recipient])).size).toBe(15);
  });

  it('may be missing: a job that only backs up has no identity', () => {
    expect(readKeys({})).toEqual({ recipients: [], identities: [] });
  });

  it('name parts and seal documents under keys of their own', () => {
    const { repositoryKey } = readKeys({ repositoryKey: hex });
    if (repositoryKey === undefined) throw new Error('no key was read');
    const keys = createKeyRing({ repositoryKey, recipients: [], identities: [] });
    const derived = (purpose: string) => createHmac('sha256', Buffer.from(hex, 'hex')).update(purpose).digest('hex');
    expect(keys.partNameKey.export().toString('hex')).toBe(derived('holdfast part name v1'));
    expect(keys.sealKey.export().toString('hex')).toBe(derived('holdfast seal v1'));
  });

  it('are refused when the repository key is not 64 hex digits, without showing it', async () => {
    for (const repositoryKey of [' ', 'secret', hex.slice(1), `${hex}0`, `${hex.slice(1)}g`, `${hex}\n${hex}`]) {
      const error = await caught(() => readKeys({ repositoryKey }));
      expect(error).toMatchObject({ code: 'REPOSITORY_KEY_INVALID', category: 'usage' });
      expect(error.values).toEqual({});
    }
  });

  it('show no secret however a key ring is printed', () => {
    const { keys, secrets } = keyRing(2);
    const printed = `${JSON.stringify(keys)} ${inspect(keys, { depth: 10, showHidden: true })}`;
    for (const secret of secrets) expect(printed).not.toContain(secret);
  });
});

describe('a wrapped repository key', () => {
  it('comes back for every identity of a recipient', () => {
    const { keys } = keyRing(3);
    const wrapped = wrapRepositoryKey(keys.repositoryKey, keys.recipients);
    for (const identity of keys.identities) {
      expect(unwrapRepositoryKey(wrapped, [identity], 'repository.json').equals(keys.repositoryKey)).toBe(true);
    }
  });

  it('is refused to others, and when it was changed', async () => {
    const { keys } = keyRing(1);
    const wrapped = wrapRepositoryKey(keys.repositoryKey, keys.recipients);
    const refused = await caught(() => unwrapRepositoryKey(wrapped, [generateIdentity()], 'repository.json'));
    expect(refused).toMatchObject({ code: 'DECRYPTION_REFUSED', values: { object: 'repository.json' } });
    for (const changed of ['', 'no base64', wrapped.slice(0, -8), `${wrapped.slice(0, -8)}AAAAAAAA`]) {
      expect(await caught(() => unwrapRepositoryKey(changed, keys.identities, 'repository.json'))).toMatchObject({ code: 'OBJECT_CORRUPT' });
    }
  });
});
