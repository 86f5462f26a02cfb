import { randomUUID } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { lstat, mkdir, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { codeOf, HoldfastError } from '../../operations/errors.ts';
import { retry } from '../../operations/retry.ts';
import { type Store, type StoredObject, storeErrors, type StoreOptions } from '../store.ts';
import { directoryError, isTransient } from './directory-errors.ts';
import { type LinkFile, publishNew } from './directory-publish.ts';
import { checkKey, checkPrefix, isSegment, leftoverAgeMs, ownFolder } from './keys.ts';
import { syncPath, UnsyncedFiles, upTo } from './unsynced-files.ts';

export interface DirectoryStoreOptions {
  /** Absolute path of the folder. It may be a symbolic link itself; below it none is followed. */
  readonly path: string;
  /** Makes the hard link that publishes an object; given where a file system without hard links is to be stood in for. */
  readonly link?: LinkFile;
}

const fileMode = 0o600;
const folderMode = 0o700;
const compareBytes = 1024 * 1024;
/** Folder entries looked at in one go while listing. */
const statBatch = 64;

/**
 * A store in a folder. An object is written to a hidden file, read back, and renamed into place, so that readers see all
 * of it or nothing and a killed run leaves at most hidden files, which a later `prepare` removes after a day.
 */
export function createDirectoryStore(options: DirectoryStoreOptions): Store {
  return new DirectoryStore(options);
}

class DirectoryStore implements Store {
  readonly url: string;
  readonly #path: string;
  readonly #link: LinkFile | undefined;
  /** Folders known to exist and to be reached without a symbolic link. */
  readonly #knownFolders = new Set<string>();
  #root: string | undefined;
  #unsynced: UnsyncedFiles | undefined;

  constructor({ path, link }: DirectoryStoreOptions) {
    this.#path = path;
    this.#link = link;
    this.url = pathToFileURL(path).href;
  }

  async get(key: string, { signal }: StoreOptions): Promise<Buffer> {
    return this.#run('read', key, signal, async () => {
      const path = await this.#existing(key);
      const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
      try {
        const { size } = await handle.stat();
        const content = Buffer.allocUnsafeSlow(size);
        for (let at = 0; at < size; ) {
          signal.throwIfAborted();
          const { bytesRead } = await handle.read(content, at, size - at, at);
          if (bytesRead === 0) throw storeErrors.STORE_FAILED({ store: this.url, operation: 'read', key, reason: 'the file shrank meanwhile' });
          at += bytesRead;
        }
        return content;
      } finally {
        await handle.close();
      }
    });
  }

  async put(key: string, content: Uint8Array, { signal }: StoreOptions): Promise<void> {
    await this.#run('write', key, signal, async () => {
      const path = await this.#destination(key);
      await this.#withTemporary(key, content, signal, false, (temporary) => rename(temporary, path));
      await this.#unsynced?.add(path);
    });
  }

  async putIfAbsent(key: string, content: Uint8Array, { signal }: StoreOptions): Promise<void> {
    await this.#run('write', key, signal, async () => {
      const path = await this.#destination(key);
      await this.#withTemporary(key, content, signal, true, async (temporary) => {
        const claims = await this.#ownFolder();
        const isNew = await publishNew({ temporary, path, claims, link: this.#link, signal });
        if (!isNew) throw storeErrors.STORE_OBJECT_EXISTS({ store: this.url, key });
      });
      for (const folder of upTo(await this.#resolveRoot(), dirname(path))) await syncPath(folder);
    });
  }

  async stat(key: string, { signal }: StoreOptions): Promise<StoredObject | undefined> {
    return this.#run('read', key, signal, async () => {
      try {
        const found = await lstat(await this.#existing(key));
        return found.isFile() ? { key, size: found.size, modifiedAt: found.mtime } : undefined;
      } catch (error) {
        if (isAbsence(error)) return undefined;
        throw error;
      }
    });
  }

  async *list(prefix: string, { signal }: StoreOptions): AsyncIterable<StoredObject> {
    checkPrefix(prefix, { store: this.url });
    const folders = [prefix];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const at = folder;
      const entries = await this.#run('list', at, signal, () => this.#entries(at));
      for (const entry of entries) if (entry.isDirectory() && isSegment(entry.name)) folders.push(`${at}${entry.name}/`);
      const files = entries.filter((entry) => entry.isFile() && isSegment(entry.name));
      for (let start = 0; start < files.length; start += statBatch) {
        const batch = files.slice(start, start + statBatch);
        const objects = await this.#run('list', at, signal, () => Promise.all(batch.map(({ name }) => this.#objectAt(`${at}${name}`))));
        for (const object of objects) if (object !== undefined) yield object;
      }
    }
  }

  async delete(key: string, { signal }: StoreOptions): Promise<void> {
    await this.#run('delete', key, signal, async () => {
      try {
        const path = await this.#existing(key);
        await rm(path);
        this.#unsynced?.addFolder(dirname(path));
      } catch (error) {
        if (!isAbsence(error)) throw error;
      }
    });
  }

  async flush({ signal }: StoreOptions): Promise<void> {
    await this.#run('flush', ownFolder, signal, async () => this.#unsynced?.flush(signal));
  }

  async prepare({ signal }: StoreOptions): Promise<void> {
    await this.#run('write', ownFolder, signal, async () => {
      await mkdir(this.#path, { recursive: true, mode: folderMode });
      const now = await this.#probe();
      const own = await this.#ownFolder();
      for (const name of await readdir(own)) {
        const path = join(own, name);
        const age = await ageOf(path, now);
        if (age !== undefined && age > leftoverAgeMs) await rm(path, { force: true });
      }
    });
  }

  async detectConditionalPut({ signal }: StoreOptions): Promise<boolean> {
    return this.#run('write', ownFolder, signal, async () => {
      const own = await this.#ownFolder();
      const path = join(own, `condition-${randomUUID()}`);
      const tryOnce = () =>
        this.#withTemporary(ownFolder, Buffer.alloc(1), signal, false, (temporary) => publishNew({ temporary, path, claims: own, link: this.#link, signal }));
      try {
        return (await tryOnce()) && !(await tryOnce());
      } finally {
        await rm(path, { force: true });
      }
    });
  }

  async now({ signal }: StoreOptions): Promise<Date> {
    return this.#run('write', ownFolder, signal, () => this.#probe());
  }

  async close(): Promise<void> {
    await this.#unsynced?.close();
  }

  /** Runs one operation: checks the key, tries again what passes by itself, and gives failures their name. */
  async #run<Result>(operation: string, key: string, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    signal.throwIfAborted();
    const store = this.url;
    if (key !== ownFolder && operation !== 'list') checkKey(key, { store, operation });
    try {
      return await retry(work, { signal, attempts: 5, firstDelayMs: 50, maxDelayMs: 1000, isRetryable: isTransient });
    } catch (error) {
      if (isAbsence(error) && !(await isFolder(this.#path))) throw storeErrors.STORE_NOT_FOUND({ store }, { cause: error });
      if (operation === 'read' && isAbsence(error)) throw storeErrors.STORE_OBJECT_MISSING({ store, key }, { cause: error });
      throw directoryError(error, { store, operation, key: key === '' ? '/' : key });
    }
  }

  async #withTemporary<Result>(key: string, content: Uint8Array, signal: AbortSignal, sync: boolean, use: (path: string) => Promise<Result>): Promise<Result> {
    const path = join(await this.#ownFolder(), `put-${randomUUID()}`);
    const handle = await open(path, 'wx+', fileMode);
    try {
      try {
        for (let at = 0; at < content.length; ) {
          signal.throwIfAborted();
          at += (await handle.write(content, at, content.length - at, at)).bytesWritten;
        }
        if (sync) await handle.sync();
        const difference = await findDifference(handle, content);
        if (difference !== undefined) throw storeErrors.STORE_LOST_WRITE({ store: this.url, key, reason: difference });
      } finally {
        await handle.close();
      }
      signal.throwIfAborted();
      return await use(path);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  /** The file system's clock: what it stamps a new file with. */
  async #probe(): Promise<Date> {
    const path = join(await this.#ownFolder(), `probe-${randomUUID()}`);
    const handle = await open(path, 'wx', fileMode);
    try {
      await handle.write(Buffer.alloc(1));
      return (await handle.stat()).mtime;
    } finally {
      await handle.close();
      await rm(path, { force: true });
    }
  }

  async #resolveRoot(): Promise<string> {
    if (this.#root === undefined) {
      this.#root = await realpath(this.#path);
      this.#unsynced ??= new UnsyncedFiles(this.#root);
    }
    return this.#root;
  }

  async #ownFolder(): Promise<string> {
    return this.#makeFolder(ownFolder);
  }

  /** Path of an object to write; its folder exists afterwards. */
  async #destination(key: string): Promise<string> {
    const at = key.lastIndexOf('/');
    return join(await this.#makeFolder(key.slice(0, Math.max(at, 0))), key.slice(at + 1));
  }

  async #makeFolder(relative: string): Promise<string> {
    const folder = join(await this.#resolveRoot(), relative);
    if (this.#knownFolders.has(folder)) return folder;
    await mkdir(folder, { recursive: true, mode: folderMode });
    return this.#checkedFolder(folder);
  }

  /** Path of an object to read or delete. Throws ENOENT where its folder is missing. */
  async #existing(key: string): Promise<string> {
    const path = join(await this.#resolveRoot(), key);
    await this.#checkedFolder(dirname(path));
    return path;
  }

  async #checkedFolder(folder: string): Promise<string> {
    if (this.#knownFolders.has(folder)) return folder;
    if ((await realpath(folder)) !== folder) {
      throw storeErrors.STORE_REFUSED({ store: this.url, operation: 'follow', key: folder, reason: 'it leads through a symbolic link' });
    }
    this.#knownFolders.add(folder);
    return folder;
  }

  async #entries(prefix: string): Promise<Dirent[]> {
    const folder = join(await this.#resolveRoot(), prefix, '.');
    try {
      await this.#checkedFolder(folder);
      return await readdir(folder, { withFileTypes: true });
    } catch (error) {
      if (prefix !== '' && isAbsence(error)) return [];
      throw error;
    }
  }

  async #objectAt(key: string): Promise<StoredObject | undefined> {
    try {
      const found = await lstat(join(await this.#resolveRoot(), key));
      return { key, size: found.size, modifiedAt: found.mtime };
    } catch (error) {
      if (isAbsence(error)) return undefined;
      throw error;
    }
  }
}

/** Compares a file with what was written to it. */
async function findDifference(handle: Awaited<ReturnType<typeof open>>, content: Uint8Array): Promise<string | undefined> {
  const { size } = await handle.stat();
  if (size !== content.length) return `${size} bytes instead of ${content.length}`;
  const buffer = Buffer.allocUnsafe(Math.min(size, compareBytes));
  for (let at = 0; at < size; ) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, size - at), at);
    if (bytesRead === 0 || buffer.compare(content, at, at + bytesRead, 0, bytesRead) !== 0) return `other bytes after byte ${at}`;
    at += bytesRead;
  }
  return undefined;
}

async function ageOf(path: string, now: Date): Promise<number | undefined> {
  try {
    return now.getTime() - (await lstat(path)).mtimeMs;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    return !isAbsence(error);
  }
}

function isAbsence(error: unknown): boolean {
  return !(error instanceof HoldfastError) && codeOf(error) === 'ENOENT';
}
