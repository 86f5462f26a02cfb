import { open } from 'node:fs/promises';
import type { Stream } from '../../../../src/repository/manifest/manifest.ts';
import type { PartSource } from '../../../../src/repository/parts/parts.ts';
import type { DrillTally } from '../../drill-tally.ts';
import type { EngineContext } from '../../engine.ts';

export interface ComparePagesRequest {
  readonly path: string;
  readonly pages: Stream;
  readonly parts: PartSource;
  readonly tally: DrillTally;
}

/** Reads the restored file back and compares each stretch of pages with the name of its part. */
export async function comparePages({ signal, progress }: EngineContext, { path, pages, parts, tally }: ComparePagesRequest): Promise<void> {
  const { slices } = pages;
  progress.phase('checking', pages.bytes);
  tally.compared('content', slices.length);
  const file = await open(path, 'r');
  try {
    let position = 0;
    for (const [index, { part, raw }] of slices.entries()) {
      signal.throwIfAborted();
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(raw), 0, raw, position);
      if (bytesRead !== raw || parts.nameOf(buffer) !== part) {
        const object = `bytes ${position} to ${position + raw}`;
        tally.differs({ check: 'content', object, part, expected: `part ${index + 1} of ${slices.length}`, found: bytesRead === raw ? 'other bytes' : `${bytesRead} of ${raw} bytes` });
      }
      position += raw;
      progress.advance(raw);
    }
    const { size } = await file.stat();
    if (size > position) tally.differs({ check: 'content', object: 'the file', expected: `${position} bytes`, found: `${size} bytes` });
  } finally {
    await file.close();
  }
}
