import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Store } from '../../../src/repository/stores/store.ts';
import { createDirectoryStore } from '../../../src/repository/stores/directory.ts';
import { inParallel, listed } from './store-suite.ts';

const options = { signal: new AbortController().signal };
const isRoot = process.getuid?.() === 0;
/** Mounting needs root and the permission to mount, which some containers lack. */
const canMount = isRoot && tryToMount();

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-directory-'));
  store = createDirectoryStore({ path: folder });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

(canMount ? describe : describe.skip)('A file system that is full (needs to mount a tmpfs)', () => {
  it('is told of, keeps what it has, and shows no trace of what did not fit', async () => {
    mountTmpfs(folder, 'size=1m');
    try {
      await store.prepare(options);
      await store.put('small', Buffer.alloc(100_000, 1), options);
      const full = { code: 'STORE_FULL', category: 'store', values: { key: 'large' } };
      await expect(store.put('large', Buffer.alloc(2_000_000), options)).rejects.toMatchObject(full);
      await expect(store.putIfAbsent('large', Buffer.alloc(2_000_000), options)).rejects.toMatchObject(full);
      expect((await listed(store, '')).map(({ key }) => key)).toEqual(['small']);
      expect(await readdir(join(folder, '.holdfast'))).toEqual([]);
      await store.put('fits', Buffer.alloc(800_000, 2), options);
      await store.flush(options);
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});

(isRoot && !canMount ? describe.skip : describe)('A folder that may not be written to (root needs to mount a tmpfs for this)', () => {
  it.each(['prepare', 'put', 'now'] as const)('is told of by %s', async (operation) => {
    if (isRoot) mountTmpfs(folder, 'ro');
    else chmodSync(folder, 0o500);
    try {
      const work = { prepare: () => store.prepare(options), put: () => store.put('some/key', Buffer.from('x'), options), now: () => store.now(options) };
      await expect(work[operation]()).rejects.toMatchObject({ code: 'STORE_REFUSED', message: expect.stringMatching(/\((?:EROFS|EACCES)\)/) });
      expect(await listed(store, '')).toEqual([]);
    } finally {
      if (isRoot) execFileSync('umount', [folder]);
      else chmodSync(folder, 0o700);
    }
  });
});

describe('A directory that fails', () => {
  it('is not taken for an empty one when it is missing, and comes into being by prepare alone', async () => {
    const path = join(folder, 'not', 'mounted');
    const missing = createDirectoryStore({ path });
    const failure = { code: 'STORE_NOT_FOUND', category: 'store' };
    await expect(missing.get('repository.json', options)).rejects.toMatchObject(failure);
    await expect(missing.stat('repository.json', options)).rejects.toMatchObject(failure);
    await expect(missing.delete('key', options)).rejects.toMatchObject(failure);
    await expect(listed(missing, '')).rejects.toMatchObject(failure);
    await expect(missing.put('key', Buffer.from('x'), options)).rejects.toMatchObject(failure);
    await expect(missing.now(options)).rejects.toMatchObject(failure);
    expect(existsSync(path)).toBe(false);
    await missing.prepare(options);
    await missing.put('key', Buffer.from('x'), options);
  });

  it('is refused when it is a file', async () => {
    await writeFile(join(folder, 'file'), '');
    const file = createDirectoryStore({ path: join(folder, 'file') });
    await expect(file.prepare(options)).rejects.toMatchObject({ category: 'store' });
    await expect(file.put('key', Buffer.from('x'), options)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
  });
});

describe('A directory store', () => {
  it('reaches nothing outside through symbolic links', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'holdfast-outside-'));
    await writeFile(join(outside, 'secret'), 'secret');
    await symlink(outside, join(folder, 'linked'));
    await symlink(join(outside, 'secret'), join(folder, 'link'));
    const refusal = { code: 'STORE_REFUSED' };
    await expect(store.get('linked/secret', options)).rejects.toMatchObject(refusal);
    await expect(store.get('link', options)).rejects.toMatchObject(refusal);
    await expect(store.put('linked/new', Buffer.from('x'), options)).rejects.toMatchObject(refusal);
    await expect(store.put('linked/deeper/new', Buffer.from('x'), options)).rejects.toMatchObject(refusal);
    await expect(store.delete('linked/secret', options)).rejects.toMatchObject(refusal);
    expect(await store.stat('link', options)).toBeUndefined();
    expect(await listed(store, '')).toEqual([]);
    await store.put('link', Buffer.from('mine'), options);
    expect(await readFile(join(outside, 'secret'), 'utf8')).toBe('secret');
    expect(await readdir(outside)).toEqual(['secret']);
    await rm(outside, { recursive: true });
  });

  it('does not wait for ever on a pipe in place of an object', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    await expect(store.get('pipe', options)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
  });

  it('may lie behind a symbolic link itself', async () => {
    await mkdir(join(folder, 'real'));
    await symlink(join(folder, 'real'), join(folder, 'shown'));
    const linked = createDirectoryStore({ path: join(folder, 'shown') });
    await linked.put('key', Buffer.from('x'), options);
    expect(await readFile(join(folder, 'real', 'key'), 'utf8')).toBe('x');
  });

  it('shows its content to its owner alone, whatever the umask', async () => {
    const mask = process.umask(0);
    try {
      const path = join(folder, 'new', 'repository');
      const fresh = createDirectoryStore({ path });
      await fresh.prepare(options);
      await fresh.put('parts/ab/one', Buffer.from('x'), options);
      await fresh.putIfAbsent('heads/one', Buffer.from('x'), options);
      for (const each of ['', '.holdfast', 'parts', 'parts/ab', 'heads']) expect((await stat(join(path, each))).mode & 0o777).toBe(0o700);
      for (const each of ['parts/ab/one', 'heads/one']) expect((await stat(join(path, each))).mode & 0o777).toBe(0o600);
    } finally {
      process.umask(mask);
    }
  });

  it('passes over what others keep beside its objects', async () => {
    await mkdir(join(folder, 'lost+found'));
    chmodSync(join(folder, 'lost+found'), 0);
    await mkdir(join(folder, '.snapshot'));
    await writeFile(join(folder, '.snapshot', 'old'), 'x');
    await store.put('mine', Buffer.from('x'), options);
    expect((await listed(store, '')).map(({ key }) => key)).toEqual(['mine']);
    await expect(store.get('.snapshot/old', options)).rejects.toMatchObject({ code: 'STORE_REFUSED' });
  });

  it('settles in batches while it writes, and the rest when asked to', async () => {
    await store.prepare(options);
    const keys = Array.from({ length: 2500 }, (_, index) => `parts/${String(index % 256)}/${String(index)}`);
    await inParallel(keys, (key) => store.put(key, Buffer.from(key), options));
    await Promise.all(keys.slice(0, 100).map((key) => store.delete(key, options)));
    await store.flush(options);
    await store.flush(options);
    expect(await listed(store, 'parts/')).toHaveLength(2400);
  });

  it('takes a folder for no object', async () => {
    await store.put('folder/object', Buffer.from('x'), options);
    expect(await store.stat('folder', options)).toBeUndefined();
    await expect(store.get('folder', options)).rejects.toMatchObject({ category: 'store' });
    await expect(store.put('folder', Buffer.from('x'), options)).rejects.toMatchObject({ category: 'store' });
  });

  it('shows only whole objects of writers that were killed, and removes what they left after a day', async () => {
    const program = join(import.meta.dirname, 'put-forever.ts');
    for (let round = 0; round < 8; round += 1) {
      const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
      const closed = once(child, 'close');
      await once(child.stdout, 'data');
      await sleep(20 + Math.random() * 250);
      child.kill('SIGKILL');
      await closed;
    }
    const objects = await listed(store, '');
    expect(objects.length).toBeGreaterThan(8);
    await inParallel(objects, async ({ key, size }) => {
      const content = await store.get(key, options);
      expect(content).toHaveLength(size);
      expect(key.endsWith(createHash('sha256').update(content).digest('hex'))).toBe(true);
    });
    const own = join(folder, '.holdfast');
    const leftovers = await readdir(own);
    expect(leftovers.length).toBeGreaterThan(0);
    const dayAgo = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await utimes(join(own, leftovers[0] ?? ''), dayAgo, dayAgo);
    await createDirectoryStore({ path: folder }).put('next-run', Buffer.from('x'), options);
    expect((await readdir(own)).toSorted()).toEqual(leftovers.slice(1).toSorted());
  });

  it('takes over the claim of a writer that was killed on a file system without hard links', async () => {
    const linkless = createDirectoryStore({ path: folder, link: async () => Promise.reject(Object.assign(new Error('link'), { code: 'ENOTSUP' })) });
    await linkless.prepare(options);
    const claim = join(folder, '.holdfast', `claim-${createHash('sha256').update(join(folder, 'repository.json')).digest('hex')}`);
    await writeFile(claim, '');
    const twoMinutesAgo = new Date(Date.now() - 120_000);
    await utimes(claim, twoMinutesAgo, twoMinutesAgo);
    await linkless.putIfAbsent('repository.json', Buffer.from('{}'), options);
    expect(existsSync(claim)).toBe(false);
    await expect(linkless.putIfAbsent('repository.json', Buffer.from('{}'), options)).rejects.toMatchObject({ code: 'STORE_OBJECT_EXISTS' });
  });

  it('stops waiting when it is told to', async () => {
    const linkless = createDirectoryStore({ path: folder, link: async () => Promise.reject(Object.assign(new Error('link'), { code: 'ENOTSUP' })) });
    await linkless.prepare(options);
    await writeFile(join(folder, '.holdfast', `claim-${createHash('sha256').update(join(folder, 'key')).digest('hex')}`), '');
    const reason = new Error('enough');
    const controller = new AbortController();
    setTimeout(() => { controller.abort(reason); }, 100);
    await expect(linkless.putIfAbsent('key', Buffer.from('x'), { signal: controller.signal })).rejects.toBe(reason);
    expect((await readdir(join(folder, '.holdfast'))).filter((name) => name.startsWith('put-'))).toEqual([]);
  });
});

function mountTmpfs(path: string, mountOptions: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', mountOptions, 'tmpfs', path], { stdio: 'pipe' });
}

function tryToMount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', '/mnt'], { stdio: 'pipe' });
    execFileSync('umount', ['/mnt']);
    return true;
  } catch {
    return false;
  }
}
