import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { decryptAge, encryptAge } from '../../../src/repository/encoding/age.ts';
import { parseIdentities } from '../../../src/repository/encoding/age-keys.ts';
import { compress, decompress } from '../../../src/repository/encoding/zstd.ts';
import { createKeyRing, generateKeys, readKeys, unwrapRepositoryKey, wrapRepositoryKey } from '../../../src/repository/keys.ts';

const run = promisify(execFile);
const chunk = 64 * 1024;
const sizes = [0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 3 * chunk + 5, 1024 * 1024];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-programs-'));
});
afterAll(async () => rm(folder, { recursive: true, force: true }));

describe('the age program', () => {
  it('decrypts what is encrypted here, with either recipient’s identity file of keygen', async () => {
    const generated = [generateKeys(new Date(0)), generateKeys(new Date(0))];
    const { recipients } = readKeys({ recipients: generated.map(({ recipient }) => recipient).join('') });
    const [input, identity] = [join(folder, 'in.age'), join(folder, 'identity.txt')];
    for (const [index, size] of sizes.entries()) {
      const plain = randomBytes(size);
      await writeFile(input, encryptAge(plain, recipients));
      await writeFile(identity, generated[index % 2]?.identity ?? '');
      const { stdout } = await run('age', ['--decrypt', '--identity', identity, input], { encoding: 'buffer', maxBuffer: 2 * plain.length + 1 });
      expect(stdout.equals(plain)).toBe(true);
    }
  });

  it('encrypts what is decrypted here, with identities of age-keygen', async () => {
    const [plainFile, output, identity] = ['plain', 'out.age', 'keygen.txt'].map((name) => join(folder, name)) as [string, string, string];
    await run('age-keygen', ['--output', identity]);
    const identities = parseIdentities(await readFile(identity, 'utf8'));
    const recipient = identities[0]?.recipient.text ?? '';
    expect((await run('age-keygen', ['-y', identity])).stdout.trim()).toBe(recipient);
    for (const size of sizes) {
      const plain = randomBytes(size);
      await writeFile(plainFile, plain);
      await run('age', ['--encrypt', '--recipient', recipient, '--output', output, plainFile]);
      expect(decryptAge(await readFile(output), identities, 'out.age').equals(plain)).toBe(true);
    }
  });

  it('takes the repository key out of what the repository’s document holds', async () => {
    const generated = generateKeys(new Date(0));
    const { repositoryKey, ...keys } = readKeys({ repositoryKey: generated.repositoryKey, recipients: generated.recipient, identities: generated.identity });
    if (repositoryKey === undefined) throw new Error('no key was read');
    const wrapped = wrapRepositoryKey(createKeyRing({ ...keys, repositoryKey }).repositoryKey, keys.recipients);
    const [input, identity] = [join(folder, 'key.age'), join(folder, 'identity.txt')];
    await writeFile(input, Buffer.from(wrapped, 'base64'));
    await writeFile(identity, generated.identity);
    expect((await run('age', ['--decrypt', '--identity', identity, input])).stdout).toBe(generated.repositoryKey);
    expect(unwrapRepositoryKey(wrapped, keys.identities, 'repository.json').equals(repositoryKey)).toBe(true);
  });
});

describe('the zstd program', () => {
  it('tests and decompresses what is compressed here, and states its size', async () => {
    const [input, output] = [join(folder, 'in.zst'), join(folder, 'in')];
    for (const size of sizes) {
      const raw = Buffer.concat([randomBytes(size >>> 1), Buffer.alloc(size - (size >>> 1), 'row\n')]);
      await writeFile(input, await compress(raw, 3));
      await run('zstd', ['--test', '--quiet', input]);
      await run('zstd', ['--decompress', '--quiet', '--force', '-o', output, input]);
      expect((await readFile(output)).equals(raw)).toBe(true);
    }
  });

  it('compresses what is decompressed here', async () => {
    const [input, output] = [join(folder, 'raw'), join(folder, 'raw.zst')];
    for (const level of ['-1', '-3', '-19']) {
      const raw = Buffer.concat([randomBytes(100_000), Buffer.alloc(100_000, 'row\n')]);
      await writeFile(input, raw);
      await run('zstd', [level, '--quiet', '--force', '-o', output, input]);
      expect((await decompress(await readFile(output), { object: 'raw.zst', raw: raw.length })).equals(raw)).toBe(true);
    }
  });
});
