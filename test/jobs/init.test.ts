import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FailedResult, holdfastJson, temporaryFolder, type Variables } from './holdfast.ts';

interface Made {
  readonly id: string;
  readonly encrypted: boolean;
  readonly created: boolean;
  readonly space: { readonly freeBytes: number; readonly totalBytes: number };
}

describe('making a repository that may be there already', () => {
  const folder = temporaryFolder('init');
  const keysOf = (name: string): Variables => ({
    HOLDFAST_REPOSITORY_KEY_FILE: join(folder.path, name, 'repository.key'),
    HOLDFAST_RECIPIENTS_FILE: join(folder.path, name, 'recipients.txt'),
  });
  const at = (place: string, keys: Variables = {}): Variables => ({ HOLDFAST_REPOSITORY: `file://${join(folder.path, place)}`, ...keys });

  beforeAll(async () => {
    for (const name of ['ours', 'others']) await holdfastJson(['keygen', '--directory', join(folder.path, name)]);
  });
  afterAll(() => folder.remove());

  it('makes it once, and then says that it is there and that the keys fit', async () => {
    const here = at('once', keysOf('ours'));
    const first = await holdfastJson<Made>(['init', '--if-missing'], here);
    expect(first).toMatchObject({ created: true, encrypted: true });
    const second = await holdfastJson<Made>(['init', '--if-missing'], here);
    expect(second).toMatchObject({ created: false, encrypted: true, id: first.id });
    const checked = await holdfastJson<Made>(['init', '--check'], here);
    expect(checked).toMatchObject({ created: false, id: first.id });
  });

  it('refuses keys that are of another repository, and no keys at all', async () => {
    await holdfastJson(['init', '--if-missing'], at('keys', keysOf('ours')));
    const others = await holdfastJson<FailedResult>(['init', '--if-missing'], at('keys', keysOf('others')), 2);
    expect(others.error.code).toBe('REPOSITORY_KEY_MISMATCH');
    const none = await holdfastJson<FailedResult>(['init', '--if-missing', '--no-encryption'], at('keys'), 2);
    expect(none.error.code).toBe('REPOSITORY_KEY_REQUIRED');
  });

  it('makes none where it is only to look', async () => {
    const missing = await holdfastJson<FailedResult>(['init', '--check'], at('nowhere', keysOf('ours')), 4);
    expect(missing.error.code).toBe('STORE_NOT_FOUND');
    expect(existsSync(join(folder.path, 'nowhere'))).toBe(false);
  });

  it('of runs at the same time makes one repository', async () => {
    const runs = await Promise.all(Array.from({ length: 4 }, () => holdfastJson<Made>(['init', '--if-missing'], at('together', keysOf('ours')))));
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    expect(runs.filter(({ created }) => created)).toHaveLength(1);
  });

  it('tells the space of the volume with each result, with a failure too', async () => {
    const made = await holdfastJson<Made>(['init', '--no-encryption'], at('space'));
    expect(made.space.totalBytes).toBeGreaterThan(made.space.freeBytes);
    const failed = await holdfastJson<FailedResult & Made>(['init', '--no-encryption'], at('space'), 7);
    expect(failed.space.totalBytes).toBe(made.space.totalBytes);
  });
});
