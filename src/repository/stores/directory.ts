import { randomUUID } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { type FileHandle, lstat, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { retry } from '../../operations/retry.ts';
import { type ListOptions, type Store, type StoredObject, storeErrors, type StoreOptions } from './store.ts';
import { directoryError, isTransient } from './directory-errors.ts';
import { DirectoryFolders } from './directory-folders.ts';
import { isAbsence, lookAtFiles, lstatIfThere } from './directory-files.ts';
import { type LinkFile, publishNew } from './directory-publish.ts';
import { checkKey, checkPrefix, isSegment, ownFolder } from './keys.ts';
import { readClock, sweepLeftovers } from './own-folder.ts';
import { syncPath, UnsyncedFiles, upTo } from './unsynced-files.ts';

export interface DirectoryStoreOptions {
  /** Absolute path of the folder. It may be a symbolic link itself; below it none is followed. */
  readonly path: string;
  /** Makes the hard link that publishes an object; given where a file system without hard links is to be stood in for. */
  readonly link?: LinkFile;
}

const fileMode = 0o600;
const compareBytes = 256 * 1024;
/** Folder entries looked at in one go while listing. */
const statBatch = 64;
/** The kernel writes a file back within half a minute; this is twenty times that. */
const settledAfterMs = 10 * 60_000;

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
  readonly #folders: DirectoryFolders;
  #unsynced: UnsyncedFiles | undefined;
  #ready: Promise<string> | undefined;
  #hasPut = false;
  /** As many as there were puts at once. */
  readonly #compareBuffers: Buffer[] = [];

  constructor({ path, link }: DirectoryStoreOptions) {
    this.#path = path;
    this.#link = link;
    this.url = pathToFileURL(path).href;
    this.#folders = new DirectoryFolders({ store: this.url, path });
  }

  async get(key: string, { signal }: StoreOptions): Promise<Buffer> {
    return this.#run('read', key, signal, async () => {
      const path = await this.#folders.pathOf(key);
      // Opening a pipe would wait for ever for its writer, and not even a signal would end the job.
      const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        const found = await handle.stat();
        if (!found.isFile()) throw storeErrors.STORE_REFUSED({ store: this.url, operation: 'read', key, reason: 'it is no regular file' });
        const { size } = found;
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
      this.#hasPut = true;
      const path = await this.#folders.destination(key);
      // A new object is synced by `flush`. One that takes another's place may be listed by a backup already: after a power
      // cut there must be the old one or the new one.
      const replaces = await isThere(path);
      await this.#withTemporary(key, content, signal, replaces, (temporary) => rename(temporary, path));
      await (await this.#unsyncedFiles()).add(path);
    });
  }

  async putIfAbsent(key: string, content: Uint8Array, { signal }: StoreOptions): Promise<void> {
    await this.#run('write', key, signal, async () => {
      const path = await this.#folders.destination(key);
      await this.#withTemporary(key, content, signal, true, async (temporary) => {
        const claims = await this.#ownFolder();
        const isNew = await publishNew({ temporary, path, claims, link: this.#link, signal });
        if (!isNew) throw storeErrors.STORE_OBJECT_EXISTS({ store: this.url, key });
      });
      for (const folder of upTo(await this.#folders.root(), dirname(path))) await syncPath(folder);
    });
  }

  async stat(key: string, { signal }: StoreOptions): Promise<StoredObject | undefined> {
    return this.#run('read', key, signal, async () => {
      try {
        const found = await lstat(await this.#folders.pathOf(key));
        return found.isFile() ? { key, size: found.size, modifiedAt: found.mtime } : undefined;
      } catch (error) {
        if (isAbsence(error) && (await isFolder(this.#path))) return undefined;
        throw error;
      }
    });
  }

  async *list(prefix: string, { signal, relied = true }: ListOptions): AsyncIterable<StoredObject> {
    checkPrefix(prefix, { store: this.url });
    const folders = [prefix];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const at = folder;
      const entries = await this.#run('list', at, signal, () => this.#entries(at));
      for (const entry of entries) if (entry.isDirectory() && isSegment(entry.name)) folders.push(`${at}${entry.name}/`);
      const files = entries.filter((entry) => entry.isFile() && isSegment(entry.name));
      for (let start = 0; start < files.length; start += statBatch) {
        const batch = files.slice(start, start + statBatch);
        const objects = await this.#run('list', at, signal, () => this.#folders.root().then(async (root) => lookAtFiles(root, batch.map(({ name }) => `${at}${name}`))));
        for (const object of objects) {
          if (relied) await this.#noteIfYoung(object);
          yield object;
        }
      }
    }
  }

  async delete(key: string, { signal }: StoreOptions): Promise<void> {
    await this.#run('delete', key, signal, async () => {
      try {
        const path = await this.#folders.pathOf(key);
        await rm(path);
        (await this.#unsyncedFiles()).addFolder(dirname(path));
      } catch (error) {
        if (!isAbsence(error) || !(await isFolder(this.#path))) throw error;
      }
    });
  }

  async flush({ signal }: StoreOptions): Promise<void> {
    await this.#run('flush', ownFolder, signal, async () => this.#unsynced?.flush(signal));
  }

  async prepare({ signal }: StoreOptions): Promise<void> {
    await this.#run('write', ownFolder, signal, async () => {
      await this.#folders.makeRoot();
      await readClock(await this.#ownFolder());
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
    return this.#run('write', ownFolder, signal, async () => readClock(await this.#ownFolder()));
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
      signal.throwIfAborted();
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
        const difference = await this.#findDifference(handle, content);
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

  /** Compares a file with what was written to it. */
  async #findDifference(handle: FileHandle, content: Uint8Array): Promise<string | undefined> {
    const { size } = await handle.stat();
    if (size !== content.length) return `${size} bytes instead of ${content.length}`;
    const buffer = this.#compareBuffers.pop() ?? Buffer.allocUnsafeSlow(compareBytes);
    try {
      for (let at = 0; at < size; ) {
        const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, size - at), at);
        if (bytesRead === 0 || buffer.compare(content, at, at + bytesRead, 0, bytesRead) !== 0) return `other bytes after byte ${at}`;
        at += bytesRead;
      }
      return undefined;
    } finally {
      this.#compareBuffers.push(buffer);
    }
  }

  /** The store's own folder. Removes what killed runs left there, once an instance. */
  async #ownFolder(): Promise<string> {
    this.#ready ??= this.#folders.make(ownFolder).then(sweepLeftovers);
    try {
      return await this.#ready;
    } catch (error) {
      this.#ready = undefined;
      throw error;
    }
  }

  /**
   * A run that was killed just now left files that the disk may not have yet, and the caller may rely on what it sees
   * here. Its own files are known; what it sees before it wrote any is not.
   */
  async #noteIfYoung({ key, modifiedAt }: StoredObject): Promise<void> {
    if (this.#hasPut || Date.now() - modifiedAt.getTime() > settledAfterMs) return;
    (await this.#unsyncedFiles()).note(join(await this.#folders.root(), key));
  }

  /** Notes what the next flush settles. */
  async #unsyncedFiles(): Promise<UnsyncedFiles> {
    this.#unsynced ??= new UnsyncedFiles(await this.#folders.root());
    return this.#unsynced;
  }

  async #entries(prefix: string): Promise<Dirent[]> {
    try {
      return await readdir(await this.#folders.existing(join(prefix, '.')), { withFileTypes: true });
    } catch (error) {
      if (prefix !== '' && isAbsence(error)) return [];
      throw error;
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    return !isAbsence(error);
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await lstatIfThere(path)) !== undefined;
}
