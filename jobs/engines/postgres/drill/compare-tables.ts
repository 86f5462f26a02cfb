import type { Client } from 'pg';
import { fillText, type Text } from '../../../../src/operations/text.ts';
import type { Stream } from '../../../../src/repository/manifest/manifest.ts';
import type { PartSource } from '../../../../src/repository/parts/parts.ts';
import type { DrillTally } from '../../drill-tally.ts';
import type { EngineContext } from '../../engine.ts';
import type { TableDetails } from '../content.ts';
import { quoteIdentifier, quoteLiteral, quoteName } from '../quoting.ts';
import { copyOut, type CopyTarget } from '../read/copy-out.ts';
import { runOnConnections, shared, type TargetSessions } from '../write/target-sessions.ts';
import { SliceComparison } from './compare-slices.ts';
import { addRows, RowMultiset } from './row-multiset.ts';

export interface CompareTablesRequest {
  readonly tables: readonly Stream<TableDetails>[];
  readonly parts: PartSource;
  readonly sessions: TargetSessions;
  readonly connections: number;
  readonly encoding: string;
  readonly tally: DrillTally;
}

type Table = Stream<TableDetails>;

/** A table, or all partitions of one, whose rows are compared as a set. */
interface RowSet {
  readonly name: string;
  readonly tables: readonly Table[];
  /** By table, where the rows were compared in stored order and differ. */
  readonly inOrder: ReadonlyMap<Table, SliceComparison>;
}

const otherOrder = {
  en: 'The rows of {table} came back in another order than they were read in; compared as a set they are equal.',
  zh: '表 {table} 恢复后的行顺序与读取时不同；按集合比较一致。',
};

/**
 * Reads every table back and compares it with its parts, several side by side, the largest first. Rows are expected in
 * the stored order; a table whose rows are not is compared as a set of rows. So are the partitions of a table, all
 * together, where rows may belong to other partitions than at the source. Gives warnings.
 */
export async function compareTables(context: EngineContext, request: CompareTablesRequest): Promise<Text[]> {
  const { tables, sessions, connections, tally } = request;
  const bytes = tables.reduce((sum, table) => sum + table.bytes, 0);
  context.progress.phase('checking', bytes);
  tally.compared('rows', tables.length);
  tally.compared('content', tables.length);
  const unordered: Unordered[] = [];
  const roots = new Map<Table, string>();
  const largestFirst = tables.toSorted((one, other) => other.bytes - one.bytes);
  await runOnConnections(context, sessions, shared(largestFirst, connections), async (client, table) => {
    const restored = await findTable(client, table);
    if (restored === undefined) {
      tally.differs({ check: 'rows', object: nameOf(table), expected: `${table.rows} rows`, found: 'no such table' });
      return;
    }
    if (restored.root !== null) roots.set(table, restored.root);
    const comparison = isLoadedThroughRoot(table) ? undefined : await compareInOrder(context, client, table, request);
    if (comparison === undefined || comparison.differing > 0 || comparison.rows !== table.rows) unordered.push({ table, comparison });
  });
  const warnings: Text[] = [];
  await runOnConnections(context, sessions, shared(rowSetsOf(unordered, roots), connections), async (client, rowSet) => {
    const isEqual = await compareAsSet(context, client, rowSet, request);
    if (isEqual && rowSet.inOrder.size > 0) warnings.push(fillText(otherOrder, { table: rowSet.name }));
  });
  return warnings;
}

interface Unordered {
  readonly table: Table;
  readonly comparison: SliceComparison | undefined;
}

/** Partitions whose rows may lie in each other count as one, and with them all others of their table. */
function rowSetsOf(unordered: readonly Unordered[], roots: ReadonlyMap<Table, string>): RowSet[] {
  const sets = Map.groupBy(unordered, ({ table }) => roots.get(table) ?? nameOf(table));
  return [...sets].map(([name, members]) => {
    const partitions = [...roots].filter(([, root]) => root === name).map(([table]) => table);
    const inOrder = new Map(members.flatMap(({ table, comparison }) => (comparison === undefined ? [] : [[table, comparison] as const])));
    return { name, tables: partitions.length > 0 ? partitions : members.map(({ table }) => table), inOrder };
  });
}

async function compareInOrder(context: EngineContext, client: Client, table: Table, { parts, encoding }: CompareTablesRequest): Promise<SliceComparison> {
  const comparison = new SliceComparison(table.slices, parts);
  await copyOut(client, copyStatement(table, table.details.columns, encoding), advancing(context, comparison));
  await comparison.finish();
  return comparison;
}

async function compareAsSet(context: EngineContext, client: Client, { name, tables, inOrder }: RowSet, { parts, encoding, tally }: CompareTablesRequest): Promise<boolean> {
  const [expected, found] = [new RowMultiset(), new RowMultiset()];
  const columns = tables[0]?.details.columns ?? [];
  for (const table of tables) {
    await addRows(expected, parts.readAll(table.slices), columns.map((column) => table.details.columns.indexOf(column)));
    await copyOut(client, copyStatement(table, columns, encoding), found);
    context.signal.throwIfAborted();
  }
  if (found.rows !== expected.rows) tally.differs({ check: 'rows', object: name, expected: `${expected.rows} rows`, found: `${found.rows} rows` });
  if (found.digest === expected.digest) return true;
  // The first table whose stored order broke says in which of its parts to look.
  for (const [table, { first, differing }] of inOrder) {
    if (first === undefined) continue;
    const place = `part ${first.number} of ${table.slices.length}`;
    tally.differs({
      check: 'content',
      object: nameOf(table),
      part: first.slice.part,
      expected: `${place}: ${first.slice.rows ?? 0} rows, ${first.slice.length ?? first.slice.raw} bytes`,
      found: `${first.found.rows} rows, ${first.found.bytes} bytes; row ${first.row} of the part is the first that differs; parts that differ: ${differing}`,
    });
    return false;
  }
  tally.differs({ check: 'content', object: name, expected: `rows whose hashes add up to ${expected.digest}`, found: `rows whose hashes add up to ${found.digest}` });
  return false;
}

/** A restored table; with it the partitioned table at the top that it belongs to, where it does. */
async function findTable(client: Client, { details }: Table): Promise<{ root: string | null } | undefined> {
  const { rows } = await client.query<{ schema: string | null; name: string | null }>(
    `SELECT rn.nspname::text AS schema, r.relname::text AS name
     FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     LEFT JOIN pg_catalog.pg_class AS r ON c.relispartition AND r.oid = pg_catalog.pg_partition_root(c.oid)
     LEFT JOIN pg_catalog.pg_namespace AS rn ON rn.oid = r.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2`,
    [details.schema, details.name],
  );
  const [row] = rows;
  return row && { root: row.schema === null || row.name === null ? null : quoteName(row.schema, row.name) };
}

/** Whether the backup says already that rows of the partition may belong to another one. */
function isLoadedThroughRoot({ details }: Table): boolean {
  return !details.copyFrom.startsWith(`COPY ${quoteName(details.schema, details.name)}`);
}

/** Reads the table's own rows as the backup did, in the order of the pages. */
function copyStatement({ details }: Table, columns: readonly string[], encoding: string): string {
  const name = quoteName(details.schema, details.name);
  const list = columns.map(quoteIdentifier).join(', ');
  const options = `(FORMAT text, ENCODING ${quoteLiteral(encoding)})`;
  if (details.condition) return `COPY (SELECT ${list} FROM ONLY ${name} ${details.condition}) TO STDOUT ${options}`;
  return `COPY ${name}${columns.length === 0 ? '' : ` (${list})`} TO STDOUT ${options}`;
}

/** The same target, with progress told. */
function advancing({ progress }: EngineContext, target: CopyTarget): CopyTarget {
  return {
    row: (chunk, start, end) => {
      target.row(chunk, start, end);
      progress.advance(end - start);
    },
    begin: (length) => target.begin(length),
    append: (chunk, start, end) => {
      target.append(chunk, start, end);
      progress.advance(end - start);
    },
    end: () => target.end(),
    settle: () => target.settle(),
  };
}

function nameOf({ details }: Table): string {
  return quoteName(details.schema, details.name);
}
