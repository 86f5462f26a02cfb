import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Stream } from '../../../src/repository/manifest.ts';
import type { PartSource } from '../../../src/repository/parts.ts';
import type { EngineContext } from '../engine.ts';

/**
 * Writes pg_dump's archive into a private temporary folder, because pg_restore reads it several times and in any order,
 * and removes it when `work` is over. It holds definitions and large objects, no rows.
 */
export async function withDefinitionsFile<Result>(
  { signal }: Pick<EngineContext, 'signal'>,
  { stream, parts }: { readonly stream: Stream; readonly parts: PartSource },
  work: (path: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-'));
  try {
    const path = join(folder, 'definitions');
    await pipeline(Readable.from(parts.readAll(stream.slices)), createWriteStream(path, { mode: 0o600 }), { signal });
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
