import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeys, readKeys } from '../../src/repository/keys.ts';
import type { ManifestHead } from '../../src/repository/manifest/manifest.ts';
import { bodyKey, headKey } from '../../src/repository/manifest/object-keys.ts';
import { createDirectoryStore } from '../../src/repository/stores/directory.ts';
import { backUp, newRepository } from './repository-fixture.ts';

const run = promisify(execFile);
let folder = '';
let script = '';
let head: ManifestHead;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-format-'));
  const page = await readFile(new URL('../../docs/repository-format.md', import.meta.url), 'utf8');
  script = [...page.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block).join('\n');
  const { identity, recipient, repositoryKey } = generateKeys(new Date());
  await writeFile(join(folder, 'identity.txt'), identity, { mode: 0o600 });
  const repository = await newRepository(createDirectoryStore({ path: join(folder, 'repository') }), readKeys({ repositoryKey, recipients: recipient }));
  await backUp(repository, ['one two'], { compression: 'none' });
  head = await backUp(repository, ['one two three', 'vier fünf']);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function followPage(): Promise<string> {
  const environment = { repository: join(folder, 'repository'), identity: join(folder, 'identity.txt'), source: head.source, id: head.id };
  const { stdout } = await run('bash', ['-eu', '-o', 'pipefail', '-c', script], { env: { ...process.env, ...environment } });
  return stdout;
}

describe('the page that describes the format', () => {
  it('reads and checks a backup by its commands alone', async () => {
    expect(await followPage()).toBe(`the backup ${head.id} of shop is whole\n`);
    const body = await readFile(join(folder, 'repository', 'body.jsonl'), 'utf8');
    expect(body.trimEnd().split('\n')).toHaveLength(1 + 2 + 5);
  });

  it('finds a changed head and a changed body by its commands alone', async () => {
    for (const key of [headKey(head), bodyKey(head)]) {
      const path = join(folder, 'repository', key);
      const original = await readFile(path);
      const changed = Buffer.from(original);
      changed[60] = (changed[60] ?? 0) ^ 1;
      await writeFile(path, changed);
      await expect(followPage()).rejects.toMatchObject({ code: expect.any(Number) });
      await writeFile(path, original);
    }
    expect(await followPage()).toContain('is whole');
  });
});
