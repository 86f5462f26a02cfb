import { mkdir, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from '../../operations/errors.ts';
import { storeErrors } from './store.ts';

const folderMode = 0o700;

/** The folders of one directory store: made when needed, and never reached through a symbolic link below the root. */
export class DirectoryFolders {
  readonly #store: string;
  readonly #path: string;
  /** Those known to exist and to be what they seem. */
  readonly #known = new Set<string>();
  #root: string | undefined;

  /** `store` is the store's URL for messages, `path` its root, which may be a symbolic link itself. */
  constructor({ store, path }: { readonly store: string; readonly path: string }) {
    this.#store = store;
    this.#path = path;
  }

  /** The root's real path. Throws ENOENT where it does not exist: only `makeRoot` creates it, a lost volume must not be. */
  async root(): Promise<string> {
    this.#root ??= await realpath(this.#path);
    return this.#root;
  }

  async makeRoot(): Promise<void> {
    await makeWithParents(this.#path);
  }

  /** Path of a folder below the root, which exists afterwards. */
  async make(relative: string): Promise<string> {
    const root = await this.root();
    if (relative === '') return root;
    const folder = join(root, relative);
    if (this.#known.has(folder)) return folder;
    // The one above is checked first: nothing is made behind a symbolic link.
    await this.make(relative.slice(0, Math.max(relative.lastIndexOf('/'), 0)));
    await makeOne(folder);
    return this.#check(folder);
  }

  /** Path of a folder below the root. Throws ENOENT where there is none. */
  async existing(relative: string): Promise<string> {
    return this.#check(join(await this.root(), relative));
  }

  /** Path of an object to write; its folder exists afterwards. */
  async destination(key: string): Promise<string> {
    const at = key.lastIndexOf('/');
    return join(await this.make(key.slice(0, Math.max(at, 0))), key.slice(at + 1));
  }

  /** Path of an object to read or delete. Throws ENOENT where its folder is missing. */
  async pathOf(key: string): Promise<string> {
    const path = join(await this.root(), key);
    await this.#check(dirname(path));
    return path;
  }

  async #check(folder: string): Promise<string> {
    if (this.#known.has(folder)) return folder;
    if ((await realpath(folder)) !== folder) {
      throw storeErrors.STORE_REFUSED({ store: this.#store, operation: 'follow', key: folder, reason: 'it leads through a symbolic link' });
    }
    this.#known.add(folder);
    return folder;
  }
}

/** Not mkdir's `recursive`, which says ENOENT on a read-only file system. */
async function makeWithParents(path: string): Promise<void> {
  try {
    await makeOne(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeWithParents(dirname(path));
    await makeOne(path);
  }
}

async function makeOne(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: folderMode });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}
