import { createHash } from 'node:crypto';
import { z } from 'zod';
import { encodingErrors } from '../encoding/encoding-errors.ts';
import { createPartEncoding } from '../encoding/part-encoding.ts';
import { engineKinds, type ManifestBody, manifestFormat, type ManifestHead, PartSlice, type Stream } from './manifest.ts';
import { bodyKey } from './object-keys.ts';
import { requireReading, type Repository } from '../repository.ts';

/** Lines are written in blocks of about this many characters, so that a body of a million slices is no string of its own. */
const blockLength = 1024 * 1024;
const lineFeed = 10;

const count = z.number().int().nonnegative();
const FirstLine = z.strictObject({ format: z.literal(manifestFormat), engine: z.enum(engineKinds), details: z.unknown() });
const StreamLine = z.strictObject({
  stream: z.strictObject({ kind: z.string(), details: z.unknown(), rows: count, bytes: count, slices: count }),
});

/** The body as JSON lines: the engine's details; then for each stream one line and one line a slice. */
export function serializeBody(body: ManifestBody): Buffer {
  const blocks: Buffer[] = [];
  let block = `${JSON.stringify({ format: body.format, engine: body.engine, details: body.details })}\n`;
  const write = (value: unknown) => {
    block += `${JSON.stringify(value)}\n`;
    if (block.length < blockLength) return;
    blocks.push(Buffer.from(block));
    block = '';
  };
  for (const { slices, ...stream } of body.streams) {
    write({ stream: { ...stream, slices: slices.length } });
    for (const slice of slices) write(slice);
  }
  return Buffer.concat([...blocks, Buffer.from(block)]);
}

/** Undoes `serializeBody`. Throws OBJECT_CORRUPT, which names `object`, for anything that it did not write. */
export function parseBody(content: Buffer, object: string): ManifestBody {
  const lines = readLines(content, object);
  const { format, engine, details } = lines.next(FirstLine);
  const streams: Stream[] = [];
  while (!lines.isAtEnd()) {
    const { stream } = lines.next(StreamLine);
    const slices: PartSlice[] = [];
    while (slices.length < stream.slices) slices.push(lines.next(PartSlice));
    streams.push({ ...stream, slices });
  }
  return { format, engine, details, streams };
}

/**
 * Everything that a restore of this backup needs. Throws OBJECT_CORRUPT where the stored body is not the one that the head
 * promises, STORE_OBJECT_MISSING, REPOSITORY_IDENTITY_REQUIRED, DECRYPTION_REFUSED.
 */
export async function readManifestBody(repository: Repository, head: ManifestHead, { signal }: { readonly signal: AbortSignal }): Promise<ManifestBody> {
  requireReading(repository);
  const object = bodyKey(head);
  const stored = await readStoredBody(repository, head, { signal });
  const encoding = createPartEncoding({ compression: 'none', encryption: repository.encryption });
  return parseBody(await encoding.decodeDocument(stored, object), object);
}

/** The body's object as it lies in the store. Throws OBJECT_CORRUPT where it is not the one that the head promises, STORE_OBJECT_MISSING. */
export async function readStoredBody({ store }: Repository, head: ManifestHead, { signal }: { readonly signal: AbortSignal }): Promise<Buffer> {
  const object = bodyKey(head);
  const stored = await store.get(object, { signal });
  if (stored.length !== head.body.size || createHash('sha256').update(stored).digest('hex') !== head.body.sha256) {
    throw encodingErrors.OBJECT_CORRUPT({ object, reason: 'its size or checksum is not the one that the backup states' });
  }
  return stored;
}

/** Reads one line after the other, each checked by a schema. */
function readLines(content: Buffer, object: string) {
  const corrupt = (line: number, cause?: unknown) => encodingErrors.OBJECT_CORRUPT({ object, reason: `line ${line} of it is not understood` }, { cause });
  let start = 0;
  let line = 0;
  return {
    isAtEnd: () => start === content.length,
    next<Schema extends z.ZodType>(schema: Schema): z.infer<Schema> {
      line += 1;
      const end = content.indexOf(lineFeed, start);
      if (end === -1) throw corrupt(line);
      const text = content.toString('utf8', start, end);
      start = end + 1;
      const parsed = schema.safeParse(parseJson(text));
      if (!parsed.success) throw corrupt(line, parsed.error);
      return parsed.data;
    },
  };

  function parseJson(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw corrupt(line, error);
    }
  }
}
