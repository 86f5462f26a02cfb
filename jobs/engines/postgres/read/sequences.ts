import type { ClientBase } from 'pg';
import type { PartSink } from '../../../../src/repository/parts/parts.ts';
import type { DraftStream } from '../../engine.ts';
import type { Relation } from './catalog.ts';
import { quoteLiteral, quoteName } from '../quoting.ts';
import { writePart } from './read-rows.ts';

const batchSize = 500;

/**
 * Reads every sequence's value: SQL that sets it again. Sequences stand outside transactions: read after the snapshot
 * was taken, they are at least as far as any row in it.
 */
export async function readSequences(client: ClientBase, sequences: readonly Relation[], sink: PartSink): Promise<DraftStream> {
  const lines: string[] = [];
  for (let start = 0; start < sequences.length; start += batchSize) {
    const batch = sequences.slice(start, start + batchSize);
    const selects = batch.map(({ schema, name }, index) => `SELECT ${index} AS index, last_value, is_called FROM ${quoteName(schema, name)}`);
    const { rows } = await client.query<{ index: number; last_value: string; is_called: boolean }>(`${selects.join(' UNION ALL ')} ORDER BY 1`);
    for (const row of rows) {
      const { schema, name } = batch[row.index] as Relation;
      lines.push(`SELECT pg_catalog.setval(${quoteLiteral(quoteName(schema, name))}, ${row.last_value}, ${row.is_called});\n`);
    }
  }
  const raw = Buffer.from(lines.join(''));
  if (raw.length === 0) return { kind: 'sequences', details: {}, rows: 0, bytes: 0, slices: [] };
  const slice = await writePart(sink, { raw, rows: lines.length });
  return { kind: 'sequences', details: {}, rows: lines.length, bytes: slice.raw, slices: [slice] };
}
