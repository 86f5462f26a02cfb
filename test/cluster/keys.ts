import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { secret } from './database.ts';
import { names } from './names.ts';

const main = new URL('../../jobs/main.ts', import.meta.url).pathname;

/** Secrets with new keys, as the documentation says that people make them: the identity in one of its own. */
export async function keySecrets(): Promise<object[]> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-e2e-'));
  try {
    await promisify(execFile)(process.execPath, [main, 'keygen', '--directory', folder]);
    const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
    return [
      secret(names.keys, { 'repository.key': await read('repository.key'), 'recipients.txt': await read('recipients.txt') }),
      secret(names.identity, { 'identity.txt': await read('identity.txt') }),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
