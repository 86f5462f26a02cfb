import type { Client } from 'pg';
import { namesShown, type PreflightFinding } from '../../preflight.ts';
import { quoteIdentifier, quoteName } from '../quoting.ts';
import { isOurs, type Relation } from '../read/catalog.ts';
import { type FindingKind, toFinding } from './relation-findings.ts';

const oversized: FindingKind = {
  code: 'ROWS_OVERSIZED',
  level: 'error',
  message: {
    en: 'Rows longer than 1 GB as text cannot be copied, by no dump (a bytea doubles in length): {names}. Split them, or move such content to large objects.',
    zh: '文本形式超过 1 GB 的行任何转储都无法复制（bytea 长度会翻倍）：{names}。请拆分这些行，或改用大对象存放。',
  },
};

/** Longest string that the server can build: MaxAllocSize. */
const longestRow = 0x3fff_ffff;
/** Compressed at best 255 times, a row of that length takes more than this out of line. */
const leastToast = 2 * 1024 * 1024;

/**
 * Tables with rows that COPY cannot write. Reads the heaps of tables that have much out of line, and nothing out of line: the
 * lengths of byte and character strings stand beside them, those of other types count compressed, so that some rows go
 * unseen. May wait for locks.
 */
export async function findOversizedRows(client: Client, relations: readonly Relation[]): Promise<PreflightFinding[]> {
  const { rows: large } = await client.query<{ oid: string }>(
    `SELECT c.oid::text AS oid FROM pg_catalog.pg_class AS c
     WHERE c.relkind = 'r' AND c.reltoastrelid <> 0 AND pg_catalog.pg_relation_size(c.reltoastrelid) > ${leastToast}`,
  );
  const oids = new Set(large.map(({ oid }) => oid));
  const names: string[] = [];
  for (const relation of relations.filter((candidate) => isOurs(candidate) && candidate.readable && !candidate.filtered && oids.has(candidate.oid))) {
    const name = quoteName(relation.schema, relation.name);
    const { rows: columns } = await client.query<{ name: string; type: string }>(
      `SELECT a.attname::text AS name, a.atttypid::pg_catalog.regtype::text AS type FROM pg_catalog.pg_attribute AS a
       WHERE a.attrelid = $1 AND a.attname = ANY ($2) AND a.attlen = -1`,
      [relation.oid, relation.columns],
    );
    // What is out of line then belongs to columns that were dropped or are generated: COPY writes neither.
    if (columns.length === 0) continue;
    const lengths = columns.map((column) => `COALESCE(${lengthOf(column)}, 0)::int8`).join(' + ');
    const { rows } = await client.query<{ count: number }>(`SELECT pg_catalog.count(*)::int AS count FROM ONLY ${name} WHERE ${lengths} > ${longestRow}`);
    const count = rows[0]?.count ?? 0;
    if (count > 0) names.push(`${count} of ${name}`);
  }
  return toFinding(oversized, names.slice(0, namesShown), names.length);
}

function lengthOf({ name, type }: { readonly name: string; readonly type: string }): string {
  const column = quoteIdentifier(name);
  if (type === 'bytea') return `2 * pg_catalog.octet_length(${column})::int8`;
  return type === 'text' || type === 'character varying' ? `pg_catalog.octet_length(${column})` : `pg_catalog.pg_column_size(${column})`;
}
