import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from '@jest/globals';
import { createDirectoryStore } from '../../../src/repository/stores/directory.ts';
import type { LinkFile } from '../../../src/repository/stores/directory-publish.ts';
import { storeSuite } from './store-suite.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-directory-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What a FAT or some network file systems answer. */
const withoutHardLinks: LinkFile = async () => {
  throw Object.assign(new Error('operation not permitted'), { code: 'EPERM', errno: -1 });
};

for (const [name, link] of [['A directory', undefined], ['A directory without hard links', withoutHardLinks]] as const) {
  storeSuite(name, {
    openEmpty: async () => createDirectoryStore({ path: join(await mkdtemp(join(folder, 'store-')), 'new', 'repository'), ...(link && { link }) }),
    reopen: async (store) => createDirectoryStore({ path: fileURLToPath(store.url), ...(link && { link }) }),
    holdsConditions: true,
    manyObjects: 2200,
  });
}
