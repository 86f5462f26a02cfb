import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parsePostgresAddress } from '../../../../../jobs/engines/postgres/connect/address.ts';
import { findPasswordInFile } from '../../../../../jobs/engines/postgres/connect/password-file.ts';

describe('findPasswordInFile', () => {
  let path: string;
  beforeAll(async () => {
    path = join(await mkdtemp(join(tmpdir(), 'holdfast-pass-')), 'pass');
    await writeFile(path, '# comment\nother:5432:*:me:wrong\ndb:5432:a\\:b:me:fir\\:st:with colon\n*:*:*:me:any\nlocalhost:*:*:you:local\n', { mode: 0o600 });
  });
  afterAll(() => rm(join(path, '..'), { recursive: true }));

  const find = (text: string) => {
    const address = parsePostgresAddress(text);
    return findPasswordInFile(address, address.hosts[0], { PGPASSFILE: path });
  };

  it('gives the first line that matches, with escapes and wildcards', async () => {
    expect(await find('postgres://me@db/a%3Ab')).toBe('fir:st:with colon');
    expect(await find('postgres://me@db/other')).toBe('any');
    expect(await find('postgres://you@%2Frun%2Fpostgresql/x')).toBe('local');
    expect(await find('postgres://nobody@db/x')).toBeUndefined();
  });

  it('does not use a file that others may read', async () => {
    await chmod(path, 0o640);
    expect(await find('postgres://me@db/other')).toBeUndefined();
    await chmod(path, 0o600);
  });

  it('finds nothing where there is no file', async () => {
    const address = parsePostgresAddress('postgres://me@db/x');
    expect(await findPasswordInFile(address, address.hosts[0], { PGPASSFILE: '/nowhere/pass' })).toBeUndefined();
  });
});
