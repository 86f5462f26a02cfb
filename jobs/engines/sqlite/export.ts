import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ManifestBody } from '../../../src/repository/manifest/manifest.ts';
import type { PartSource } from '../../../src/repository/parts/parts.ts';
import type { EngineContext } from '../engine.ts';
import { readContent } from './content.ts';

/** Writes the database file as it was, byte for byte. Leaves `output` open: the caller ends it. */
export async function exportBackup(
  { signal, progress }: EngineContext,
  { body, parts, output }: { readonly body: ManifestBody; readonly parts: PartSource; readonly output: Writable },
): Promise<void> {
  const { pages } = readContent(body);
  progress.phase('writing', pages.bytes);
  const counted = async function* (): AsyncIterable<Buffer> {
    for await (const bytes of parts.readAll(pages.slices)) {
      yield bytes;
      progress.advance(bytes.length);
    }
  };
  await pipeline(Readable.from(counted(), { objectMode: false }), output, { signal, end: false });
}
