import type { z } from 'zod';
import { checkSeal, seal } from '../encoding/seal.ts';
import type { Encryption } from '../keys.ts';

/** A document as it is stored: one line of JSON whose last field is the seal over all before it. */
export function writeSealed(document: Readonly<Record<string, unknown>>, encryption: Encryption): Buffer {
  return Buffer.from(`${JSON.stringify({ ...document, seal: seal(document, encryption) })}\n`);
}

/** What reading a document gave: the document, or why it is not to be trusted. English, for people. */
export type ReadDocument<Document> = { readonly document: Document } | { readonly damage: string };

/** Reads what `writeSealed` wrote. Nothing of the document is used before its seal is found right. */
export function readSealed<Schema extends z.ZodType>(content: Buffer, schema: Schema, encryption: Encryption): ReadDocument<z.infer<Schema>> {
  const document = parseObject(content);
  if (!document) return { damage: 'it is not a JSON document' };
  if (!checkSeal(document, encryption)) return { damage: 'its seal is wrong: it was changed, or written with another key' };
  const parsed = schema.safeParse(document);
  if (parsed.success) return { document: parsed.data };
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  return { damage: where === 'format' ? 'a newer version of Holdfast wrote it' : `its field ${where} is not valid` };
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
