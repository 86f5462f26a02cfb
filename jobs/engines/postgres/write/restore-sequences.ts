import type { Client } from 'pg';
import type { Stream } from '../../../../src/repository/manifest/manifest.ts';
import type { PartSource } from '../../../../src/repository/parts/parts.ts';
import { sourceErrors } from '../../source-errors.ts';

/** `SELECT pg_catalog.setval('"schema"."name"', 42, true);` as the backup writes it; names may hold anything. */
const setvalCall = /^SELECT pg_catalog\.setval\((E?'(?:[^'\\]|''|\\.)*')(?:::\w+(?:\.\w+)?)?, (-?\d+), (true|false)\);$/gms;

interface SequenceValue {
  /** An SQL literal whose text is the quoted, qualified name. */
  readonly literal: string;
  readonly lastValue: string;
  readonly isCalled: boolean;
}

/** Sequences read back by one statement. */
const batch = 500;

/**
 * Sets all sequences to the backup's values and reads them back. Gives their number. Throws RESTORE_CONTENT_DIFFERS
 * where one differs.
 */
export async function restoreSequences(client: Client, { stream, parts, target }: { readonly stream: Stream; readonly parts: PartSource; readonly target: string }): Promise<number> {
  const chunks: Buffer[] = [];
  for await (const chunk of parts.readAll(stream.slices)) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const sequences = parseSequences(text, target);
  if (text !== '') await client.query(text);
  for (let start = 0; start < sequences.length; start += batch) await compare(client, sequences.slice(start, start + batch), target);
  return sequences.length;
}

function parseSequences(text: string, target: string): SequenceValue[] {
  const sequences: SequenceValue[] = [];
  let covered = 0;
  for (const match of text.matchAll(setvalCall)) {
    const [whole, literal = '', lastValue = '', isCalled] = match;
    if (text.slice(covered, match.index).trim() !== '') break;
    covered = match.index + whole.length;
    sequences.push({ literal, lastValue, isCalled: isCalled === 'true' });
  }
  if (text.slice(covered).trim() !== '') throw sourceErrors.RESTORE_CONTENT_DIFFERS({ target, difference: 'the stream of sequence values holds something else' });
  return sequences;
}

async function compare(client: Client, sequences: readonly SequenceValue[], target: string): Promise<void> {
  const { rows: names } = await client.query<{ name: string }>(
    sequences.map(({ literal }, index) => `SELECT ${index} AS place, ${literal}::regclass::text AS name`).join(' UNION ALL ') + ' ORDER BY place',
  );
  const { rows } = await client.query<{ last_value: string; is_called: boolean }>(
    names.map(({ name }, index) => `SELECT ${index} AS place, last_value::text, is_called FROM ${name}`).join(' UNION ALL ') + ' ORDER BY place',
  );
  for (const [index, { lastValue, isCalled }] of sequences.entries()) {
    const found = rows[index];
    if (found?.last_value === lastValue && found.is_called === isCalled) continue;
    const difference = `the sequence ${names[index]?.name} is at ${found?.last_value} (called: ${found?.is_called}) instead of ${lastValue} (called: ${isCalled})`;
    throw sourceErrors.RESTORE_CONTENT_DIFFERS({ target, difference });
  }
}
