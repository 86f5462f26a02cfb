import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import type { EngineKind } from '../../src/repository/manifest/manifest.ts';
import type { Repository } from '../../src/repository/repository.ts';
import { openStore } from '../../src/repository/stores/open-store.ts';
import type { Store } from '../../src/repository/stores/store.ts';
import type { Variables } from '../jobs/holdfast.ts';
import { service } from '../services/database.ts';
import { type S3Lab, startS3Lab } from './s3-lab.ts';
import { createLedger, createNotes, type Source } from './sources.ts';
import { type Known, openWith, type Templates } from './templates.ts';

export interface PlaceOptions {
  readonly store?: 'directory' | 's3';
  readonly encrypted?: boolean;
  /** Everything in it is so much older, by its store's clock. Only in a directory. */
  readonly agedMs?: number;
  /** The folder that it is put into; the lane's own without it. */
  readonly parent?: string;
}

/** A copy of a template for one case. */
export interface Placed {
  /** All that a command needs to work with it. */
  readonly variables: Variables;
  readonly keys: Variables;
  readonly encrypted: boolean;
  readonly known: readonly Known[];
  /** Where it lies; undefined in a bucket. */
  readonly folder?: string | undefined;
  /** Its store, as it is without faults. */
  readonly openStore: () => Promise<Store>;
  readonly open: () => Promise<Repository>;
  readonly remove: () => Promise<void>;
}

/** What one lane of a campaign works with. Cases in it run one after the other. */
export interface Lab {
  readonly folder: string;
  readonly templates: Templates;
  readonly s3: S3Lab;
  readonly place: (options?: PlaceOptions) => Promise<Placed>;
  readonly createSource: (engine: EngineKind) => Promise<Source>;
  /** Temporary files that are there now. */
  readonly temporaryFiles: () => string[];
  readonly close: () => Promise<void>;
}

/** `folder` is empty and this lane's own; temporary files go to `folder/tmp`. */
export async function openLab(folder: string, templates: Templates): Promise<Lab> {
  const s3 = await startS3Lab(join(folder, 's3'));
  // The SDK reads its credentials from the environment, as it does in a pod.
  Object.assign(process.env, s3.credentials, { TMPDIR: join(folder, 'tmp') });
  mkdirSync(join(folder, 'tmp'), { recursive: true });

  const place = async ({ store = 'directory', encrypted = true, agedMs = 0, parent = folder }: PlaceOptions = {}): Promise<Placed> => {
    const template = encrypted ? templates.encrypted : templates.plain;
    const { keys, known } = template;
    const name = `repository-${randomBytes(6).toString('hex')}`;
    const common = { ...keys, HOLDFAST_POSTGRES_BIN: service('TEST_POSTGRES_BIN_15'), HOLDFAST_CONNECTIONS: '2' };
    if (store === 'directory') {
      const path = join(parent, name);
      cpSync(template.folder, path, { recursive: true, preserveTimestamps: true });
      if (agedMs !== 0) age(path, agedMs);
      const openFolder = async () => openStore(`file://${path}`);
      return {
        variables: { HOLDFAST_REPOSITORY: `file://${path}`, ...common }, keys, encrypted, known, folder: path,
        openStore: openFolder,
        open: async () => openWith(await openFolder(), keys),
        remove: async () => rmSync(path, { recursive: true, force: true }),
      };
    }
    const address = `s3://${s3.bucket}/${name}`;
    const openBucket = async () => openStore(address, { s3: { endpoint: s3.directEndpoint, region: s3.region, pathStyle: true } });
    await upload(template.folder, await openBucket());
    return {
      variables: { HOLDFAST_REPOSITORY: address, HOLDFAST_S3_ENDPOINT: s3.endpoint, HOLDFAST_S3_REGION: s3.region, HOLDFAST_S3_PATH_STYLE: 'yes', ...s3.credentials, ...common },
      keys, encrypted, known,
      openStore: openBucket,
      open: async () => openWith(await openBucket(), keys),
      remove: async () => undefined,
    };
  };

  return {
    folder, templates, s3, place,
    createSource: async (engine) => (engine === 'postgres' ? createLedger(templates.ledger) : createNotes(templates.notes, folder)),
    temporaryFiles: () => readdirSync(join(folder, 'tmp')),
    close: async () => s3.stop(),
  };
}

async function upload(from: string, to: Store): Promise<void> {
  const { signal } = new AbortController();
  for (const key of filesIn(from)) await to.put(key, await readFile(join(from, key)), { signal });
  await to.close();
}

/** Keys of the objects in a repository's folder. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => !path.startsWith('.') && statSync(join(folder, path)).isFile()).toSorted();
}

function age(folder: string, ms: number): void {
  for (const key of filesIn(folder)) {
    const path = join(folder, key);
    const then = new Date(statSync(path).mtimeMs - ms);
    utimesSync(path, then, then);
  }
}
