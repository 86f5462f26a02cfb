import { createLogger } from '../../src/operations/logging.ts';
import { type BackupRunDependencies, type BackupRunOptions, startBackup } from '../../src/repository/backups/backup-run.ts';
import type { BackupName } from '../../src/repository/manifest/object-keys.ts';
import { type ConfiguredKeys, generateKeys, readKeys } from '../../src/repository/keys.ts';
import type { ManifestHead } from '../../src/repository/manifest/manifest.ts';
import { readManifestBody } from '../../src/repository/manifest/manifest-body.ts';
import { openParts } from '../../src/repository/parts/open-parts.ts';
import { initRepository, openRepository, type Repository } from '../../src/repository/repository.ts';
import type { Store } from '../../src/repository/stores/store.ts';

export const signal = new AbortController().signal;
export const log = createLogger({ level: 'silent', name: 'test' });
export const dayMs = 24 * 60 * 60 * 1000;

export function newKeys(): ConfiguredKeys {
  const { repositoryKey, identity, recipient } = generateKeys(new Date());
  return readKeys({ repositoryKey, identities: identity, recipients: recipient });
}

export async function newRepository(store: Store, keys?: ConfiguredKeys): Promise<Repository> {
  return initRepository(store, { encryption: keys ? { kind: 'age', keys } : { kind: 'none' }, now: new Date(), signal });
}

/** The same repository seen through another store object. */
export function through(repository: Repository, store: Store): Repository {
  return { ...repository, store };
}

export async function reopen(repository: Repository): Promise<Repository> {
  const keys = repository.encryption.kind === 'age' ? repository.encryption.keys : readKeys({});
  return openRepository(repository.store, { keys, signal });
}

/** Makes a backup of one stream a text, one part a word, so that equal words are equal parts. */
export async function backUp(
  repository: Repository,
  texts: readonly string[],
  {
    now = () => new Date(),
    sleep = async () => undefined,
    onStart = () => undefined,
    ...options
  }: Partial<BackupRunOptions> & Partial<Pick<BackupRunDependencies, 'now' | 'sleep'>> & { readonly onStart?: (id: string) => void } = {},
): Promise<ManifestHead> {
  const run = await startBackup(
    { repository, log, now, sleep, signal },
    { source: 'shop', engine: 'postgres', origin: 'postgres://db/shop', compression: 'zstd-3', holdfastVersion: '0.1.0', ...options },
  );
  onStart(run.id);
  const streams = [];
  for (const text of texts) {
    const slices = [];
    for (const word of text.split(' ')) {
      const { name, raw } = await run.sink.write(Buffer.from(word));
      slices.push({ part: name, raw, rows: 1 });
    }
    const bytes = slices.reduce((sum, { raw }) => sum + raw, 0);
    streams.push({ kind: 'table', details: { name: text }, rows: slices.length, bytes, slices });
  }
  return run.commit({ details: { texts }, streams, stateAt: now(), tables: texts.length, rows: 0, warnings: [] });
}

/** The texts of a backup, read back through every check; words end up joined. */
export async function readBack(repository: Repository, head: ManifestHead): Promise<string[]> {
  const body = await readManifestBody(repository, head, { signal });
  const parts = openParts(repository, { signal });
  const texts = [];
  for (const stream of body.streams) {
    const words = [];
    for await (const word of parts.readAll(stream.slices)) words.push(word.toString());
    texts.push(words.join(' '));
  }
  return texts;
}

/** The code of the error that a call ends with. */
export async function codeFrom(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'no error',
    (error: unknown) => (error as { code?: unknown }).code ?? error,
  );
}

export const nameIn = ({ source, id }: BackupName): BackupName => ({ source, id });
