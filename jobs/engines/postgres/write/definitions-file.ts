import { createWriteStream } from 'node:fs';
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Stream } from '../../../../src/repository/manifest/manifest.ts';
import type { PartSource } from '../../../../src/repository/parts/parts.ts';
import type { Environment } from '../../../../src/operations/configuration.ts';
import { codeOf } from '../../../../src/operations/errors.ts';
import type { EngineContext } from '../../engine.ts';
import { restoreErrors } from './restore-errors.ts';

const folderPrefix = 'holdfast-definitions-';
const abandonedAfterMs = 24 * 60 * 60 * 1000;

/**
 * Writes pg_dump's archive into a private temporary folder, because pg_restore reads it several times and in any order,
 * and removes it when `work` is over. It holds definitions and large objects, no rows. Throws RESTORE_TEMPORARY_FULL.
 */
export async function withDefinitionsFile<Result>(
  { signal }: Pick<EngineContext, 'signal'>,
  { stream, parts, environment }: { readonly stream: Stream; readonly parts: PartSource; readonly environment: Environment },
  work: (path: string) => Promise<Result>,
): Promise<Result> {
  const temporary = environment['TMPDIR'] || tmpdir();
  await removeAbandoned(temporary);
  const folder = await mkdtemp(join(temporary, folderPrefix));
  try {
    const path = join(folder, 'definitions');
    try {
      await pipeline(Readable.from(parts.readAll(stream.slices)), createWriteStream(path, { mode: 0o600 }), { signal });
    } catch (error) {
      signal.throwIfAborted();
      if (codeOf(error) !== 'ENOSPC' && codeOf(error) !== 'EDQUOT') throw error;
      throw restoreErrors.RESTORE_TEMPORARY_FULL({ folder: temporary, bytes: stream.bytes }, { cause: error });
    }
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Removes what killed restores of this user left more than a day ago. What cannot be removed is left: it is in nobody's way. */
async function removeAbandoned(temporary: string): Promise<void> {
  const names = (await readdir(temporary).catch(() => [])).filter((name) => name.startsWith(folderPrefix));
  for (const name of names) {
    const path = join(temporary, name);
    const found = await lstat(path).catch(() => undefined);
    const isOurs = found?.isDirectory() === true && found.uid === process.getuid?.();
    if (isOurs && Date.now() - found.mtimeMs > abandonedAfterMs) await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}
