import type { Client } from 'pg';
import type { Stream } from '../../../../src/repository/manifest/manifest.ts';
import type { PartSource } from '../../../../src/repository/parts/parts.ts';
import { sourceErrors } from '../../source-errors.ts';

/** `SELECT pg_catalog.setval('"schema"."name"', 42, true);` as the backup writes it; names may hold anything. */
const setvalCall = /^SELECT pg_catalog\.setval\((E?'(?:[^'\\]|''|\\.)*')(?:::\w+(?:\.\w+)?)?, (-?\d+), (true|false)\);$/gms;

/** A sequence and the value that the backup has for it. */
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
  const { text, sequences } = await readSequenceValues(stream, { parts, target });
  if (text !== '') await client.query(text);
  const [difference] = await compareSequences(client, sequences);
  if (difference === undefined) return sequences.length;
  const { name, expected, found } = difference;
  throw sourceErrors.RESTORE_CONTENT_DIFFERS({ target, difference: `the sequence ${name} is at ${found} instead of ${expected}` });
}

/** The backup's sequences, and the SQL text that sets them. Throws RESTORE_CONTENT_DIFFERS where the stream holds something else. */
export async function readSequenceValues(stream: Stream, { parts, target }: { readonly parts: PartSource; readonly target: string }): Promise<{ text: string; sequences: readonly SequenceValue[] }> {
  const chunks: Buffer[] = [];
  for await (const chunk of parts.readAll(stream.slices)) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return { text, sequences: parseSequences(text, target) };
}

export interface SequenceDifference {
  /** Quoted and qualified where need be. */
  readonly name: string;
  readonly expected: string;
  readonly found: string;
}

/** Reads sequences back. Gives those that are not where the backup has them. */
export async function compareSequences(client: Client, sequences: readonly SequenceValue[]): Promise<SequenceDifference[]> {
  const differences: SequenceDifference[] = [];
  for (let start = 0; start < sequences.length; start += batch) differences.push(...(await compareBatch(client, sequences.slice(start, start + batch))));
  return differences;
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

async function compareBatch(client: Client, sequences: readonly SequenceValue[]): Promise<SequenceDifference[]> {
  const { rows: names } = await client.query<{ name: string }>(
    sequences.map(({ literal }, index) => `SELECT ${index} AS place, ${literal}::regclass::text AS name`).join(' UNION ALL ') + ' ORDER BY place',
  );
  const { rows } = await client.query<{ last_value: string; is_called: boolean }>(
    names.map(({ name }, index) => `SELECT ${index} AS place, last_value::text, is_called FROM ${name}`).join(' UNION ALL ') + ' ORDER BY place',
  );
  return sequences.flatMap(({ lastValue, isCalled }, index) => {
    const found = rows[index];
    if (found?.last_value === lastValue && found.is_called === isCalled) return [];
    return [{ name: names[index]?.name ?? '', expected: valueText(lastValue, isCalled), found: valueText(found?.last_value, found?.is_called) }];
  });
}

function valueText(value: string | undefined, isCalled: boolean | undefined): string {
  return `${value} (called: ${isCalled})`;
}
