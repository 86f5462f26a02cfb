import { escapeIdentifier, escapeLiteral } from 'pg';

/** Identifiers and literals in SQL text, whatever is in them. Literals are standard-conforming or `E'…'`. */
export const quoteIdentifier = escapeIdentifier;

export function quoteLiteral(text: string): string {
  return escapeLiteral(text).trimStart();
}

/** `"schema"."name"`. */
export function quoteName(schema: string, name: string): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
}
