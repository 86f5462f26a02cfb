import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from '../../operations/errors.ts';

/** Above what the thread pool runs at once nothing is gained; below it, file systems that group commits have less to group. */
const concurrency = 16;
/** So many files are settled in the background: neither memory nor the last flush grows with the backup's size. */
const batchSize = 1024;

/**
 * Files that were written but may be lost if the machine crashes now. They are settled in batches while the writing
 * goes on, so that the final flush finds most of it done. A file system that failed to settle one is never believed
 * again: the kernel reports a lost page once only.
 */
export class UnsyncedFiles {
  readonly #root: string;
  #files = new Set<string>();
  readonly #folders = new Set<string>();
  #settling: Promise<void> = Promise.resolve();
  #queuedBatches = 0;
  #failure: { readonly error: unknown } | undefined;
  #closed = false;

  /** `root` is the topmost folder that is synced. */
  constructor(root: string) {
    this.#root = root;
  }

  /** Notes a file that was just written. Waits while settling lags behind. */
  async add(path: string): Promise<void> {
    this.note(path);
    if (this.#files.size < batchSize) return;
    const before = this.#settling;
    this.#settleBatch();
    if (this.#queuedBatches > 2) await before;
  }

  /** Notes a file that another run wrote. It costs nothing until the next flush. */
  note(path: string): void {
    this.#files.add(path);
    this.addFolder(dirname(path));
  }

  /** Notes a folder whose entries changed. */
  addFolder(path: string): void {
    this.#folders.add(path);
  }

  /** Settles all that was added: files first, then the folders that name them. Throws what the file system said. */
  async flush(signal: AbortSignal): Promise<void> {
    this.#settleBatch();
    await abortable(this.#settling, signal);
    if (this.#failure !== undefined) throw this.#failure.error;
    const folders = new Set<string>();
    for (const folder of this.#folders) for (const each of upTo(this.#root, folder)) folders.add(each);
    this.#folders.clear();
    try {
      await this.#syncAll([...folders]);
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
    signal.throwIfAborted();
  }

  /** Settles nothing more; what was not flushed is not promised. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#settling;
  }

  #settleBatch(): void {
    if (this.#files.size === 0) return;
    const batch = [...this.#files];
    this.#files = new Set();
    this.#queuedBatches += 1;
    this.#settling = this.#settling
      .then(() => this.#syncAll(batch))
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#queuedBatches -= 1;
      });
  }

  async #syncAll(paths: readonly string[]): Promise<void> {
    const remaining = paths.values();
    const worker = async () => {
      for (const path of remaining) if (!this.#closed) await syncPath(path);
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, paths.length) }, worker));
  }
}

/** Makes a file's content, or a folder's entries, survive a crash. One that was deleted meanwhile has nothing to lose. */
export async function syncPath(path: string): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The folder and those above it, as far as the root: a new folder is an entry of the one above. */
export function upTo(root: string, folder: string): string[] {
  const path = [folder];
  for (let each = folder; each !== root && each !== dirname(each); ) {
    each = dirname(each);
    path.push(each);
  }
  return path;
}

async function abortable(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
