import type { z } from 'zod';
import { checkSeal, seal } from '../encoding/seal.ts';
import type { Encryption } from '../keys.ts';
import { type BackupName, nameOf } from './object-keys.ts';

/** A document as it is stored: one line of JSON whose last field is the seal over all before it. */
export function writeSealed(document: Readonly<Record<string, unknown>>, encryption: Encryption): Buffer {
  return Buffer.from(`${JSON.stringify({ ...document, seal: seal(document, encryption) })}\n`);
}

/**
 * What keeps a document from being trusted. damaged: it cannot be read. unauthentic: its seal is not this repository's, so
 * it was changed, forged, or comes from elsewhere. foreign: another repository's, under the same key. misplaced: that of another
 * backup, copied to this place.
 */
export type DocumentProblem = 'damaged' | 'unauthentic' | 'foreign' | 'misplaced';

/** What reading a document gave: the document, or why it is not to be trusted. `damage` is English, for people. */
export type ReadDocument<Document> = { readonly document: Document } | { readonly damage: string; readonly problem: DocumentProblem };

/** Reads what `writeSealed` wrote. Nothing of the document is used before its seal is found right. */
export function readSealed<Schema extends z.ZodType>(content: Buffer, schema: Schema, encryption: Encryption): ReadDocument<z.infer<Schema>> {
  const document = parseObject(content);
  if (!document) return { problem: 'damaged', damage: 'it is not a JSON document' };
  if (!checkSeal(document, encryption)) return { problem: 'unauthentic', damage: 'its seal is wrong: it was changed, or written with another key' };
  const parsed = schema.safeParse(document);
  if (parsed.success) return { document: parsed.data };
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  return { problem: 'damaged', damage: where === 'format' ? 'a newer version of Holdfast wrote it' : `its field ${where} is not valid` };
}

/** Like `readSealed`, for a document about one backup: it is only good where it was written, elsewhere it is a replay. */
export function readSealedAt<Schema extends z.ZodType<BackupName & { readonly repository: string }>>(
  content: Buffer,
  schema: Schema,
  { repository, name, what }: { readonly repository: { readonly id: string; readonly encryption: Encryption }; readonly name: BackupName; readonly what: string },
): ReadDocument<z.infer<Schema>> {
  const read = readSealed(content, schema, repository.encryption);
  if ('damage' in read) return read;
  const { document } = read;
  if (document.repository !== repository.id) return { problem: 'foreign', damage: 'it was written for another repository' };
  if (nameOf(document) !== nameOf(name)) return { problem: 'misplaced', damage: `it is the ${what} of ${nameOf(document)}` };
  return read;
}

/** A JSON object, undefined for everything else. */
export function parseObject(content: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(content.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
