import type { Client } from 'pg';
import type { DraftSlice, PartSink } from '../../../../src/repository/parts/parts.ts';
import { type CopyTarget, copyOut } from './copy-out.ts';
import type { ReadRange } from './range-joiner.ts';
import { type CutPart, RowCutter, type RowCutterOptions } from './row-cutter.ts';

/** Stores a finished part. */
export async function writePart(sink: PartSink, { raw, rows }: CutPart): Promise<DraftSlice> {
  const written = await sink.write(raw);
  return { part: written.name, raw: written.raw, rows };
}

/**
 * Runs one COPY statement and cuts its rows into parts, which are stored as they are finished: no more is held than
 * the part under construction, a range's head, and what one read of the socket gave.
 */
export async function readRange(
  client: Client,
  statement: string,
  cutting: RowCutterOptions,
  { sink, advance }: { readonly sink: PartSink; readonly advance: (bytes: number) => void },
): Promise<ReadRange & { readonly rows: number; readonly bytes: number }> {
  const cutter = new RowCutter({ ...cutting, memory: sink.memory });
  const slices: DraftSlice[] = [];
  let head: CutPart | undefined;
  const store = async (parts: readonly CutPart[]) => {
    for (const part of parts) {
      advance(part.raw.length);
      if (!cutting.first && head === undefined) head = part;
      else slices.push(await writePart(sink, part));
    }
  };
  const target: CopyTarget = {
    row: (chunk, start, end) => cutter.row(chunk, start, end),
    begin: (length) => cutter.begin(length),
    append: (chunk, start, end) => cutter.append(chunk, start, end),
    end: () => cutter.end(),
    settle: () => (cutter.parts.length === 0 ? undefined : store(cutter.parts.splice(0))),
  };
  const { rows, bytes } = await copyOut(client, statement, target);
  return { head, slices, cutter, rows, bytes };
}
