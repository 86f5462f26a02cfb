import { createHash } from 'node:crypto';
import type { EngineKind, ManifestBody, PartSlice } from '../../../src/repository/manifest/manifest.ts';
import type { DraftSlice, PartSink, PartSource } from '../../../src/repository/parts/parts.ts';
import type { BackupContent } from '../../../jobs/engines/engine.ts';

export interface MemoryParts extends PartSink, PartSource {
  readonly stored: Map<string, Buffer>;
  /** Raw bytes of the parts that were not there before. */
  newBytes: number;
}

/** Parts in memory, named by SHA-256: what an engine's tests back up to and restore from. */
export function createMemoryParts(): MemoryParts {
  const stored = new Map<string, Buffer>();
  const parts: MemoryParts = {
    stored,
    newBytes: 0,
    async write(raw) {
      const name = parts.nameOf(raw);
      if (!stored.has(name)) {
        stored.set(name, raw);
        parts.newBytes += raw.length;
      }
      return { name, raw: raw.length };
    },
    async read(slice) {
      const part = stored.get(slice.part);
      if (part === undefined) throw new Error(`no part ${slice.part}`);
      const offset = slice.offset ?? 0;
      return part.subarray(offset, offset + (slice.length ?? slice.raw - offset));
    },
    async *readAll(slices) {
      for (const slice of slices) yield await parts.read(slice);
    },
    nameOf: (raw) => createHash('sha256').update(raw).digest('hex'),
  };
  return parts;
}

function complete(slice: DraftSlice): PartSlice {
  return { ...slice, stored: slice.raw, encoding: 'raw' };
}

/** The manifest's body that the repository would make of an engine's content, by way of JSON. */
export function bodyOf(engine: EngineKind, content: BackupContent): ManifestBody {
  const streams = content.streams.map((stream) => ({ ...stream, slices: stream.slices.map(complete) }));
  return JSON.parse(JSON.stringify({ format: 1, engine, details: content.details, streams })) as ManifestBody;
}
