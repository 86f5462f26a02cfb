import { fillText, type Text } from '../../../../src/operations/text.ts';
import type { DraftSlice, PartSink } from '../../../../src/repository/parts/parts.ts';
import type { DraftStream } from '../../engine.ts';
import { Bundle, type SmallContent } from './bundle.ts';
import type { KeyIndex, Table } from './catalog.ts';
import type { TableDetails } from '../content.ts';
import { postgresErrors, reasonOf, sqlStateOf } from '../postgres-errors.ts';
import { quoteName } from '../quoting.ts';
import { RangeJoiner } from './range-joiner.ts';
import { readRange, writePart } from './read-rows.ts';
import type { ReadTask } from './snapshot-readers.ts';
import { planPhysically, type PlanSurroundings, type TablePlan } from './table-plan.ts';
import type { WorkQueue } from './work-queue.ts';

export interface ReadTablesContext {
  /** The address for people. */
  readonly source: string;
  readonly sink: PartSink;
  readonly queue: WorkQueue<ReadTask>;
  readonly surroundings: PlanSurroundings;
  readonly advance: (bytes: number) => void;
  readonly warn: (warning: Text) => void;
}

/** A table's content once its tasks are done. */
export interface TableContent {
  readonly stream: () => DraftStream<TableDetails>;
}

/** A table without a page: there is nothing to read. */
export function emptyTable(relation: Table, surroundings: PlanSurroundings): TableContent {
  const plan = planPhysically(relation, undefined, surroundings);
  return { stream: () => tableStream(plan, 0, 0, []) };
}

const damagedIndex = {
  en: 'The index {index} of table {table} is damaged: it gave {read} of {counted} rows. The backup holds all rows, read without it; REINDEX it.',
  zh: '表 {table} 的索引 {index} 已损坏：{counted} 行中只给出 {read} 行。备份不经该索引读取，包含全部行；请对其执行 REINDEX。',
};

/** Adds the tasks that read one table into parts of its own. */
export function readLargeTable(plan: TablePlan, key: KeyIndex | undefined, context: ReadTablesContext): TableContent {
  if (plan.order === undefined) return startReading(plan, context, () => {});
  const { order } = plan;
  let counted: number | undefined;
  let read: number | undefined;
  const compare = () => {
    if (counted === undefined || read === undefined || counted === read) return;
    const name = quoteName(plan.relation.schema, plan.relation.name);
    context.warn(fillText(damagedIndex, { index: quoteName(order.schema, order.name), table: name, read, counted }));
    content = startReading(planPhysically(plan.relation, key, context.surroundings), context, () => {});
  };
  // Counted first: at the end only one connection would have something to do.
  context.queue.add(
    countTask(plan, (rows) => {
      counted = rows;
      compare();
    }),
  );
  let content = startReading(plan, context, (rows) => {
    read = rows;
    compare();
  });
  return { stream: () => content.stream() };
}

function startReading(plan: TablePlan, context: ReadTablesContext, onDone: (rows: number) => void): TableContent {
  const { sink, queue } = context;
  const joiner = new RangeJoiner(plan.statements.length, (part) => writePart(sink, part), sink.memory);
  let rows = 0;
  let bytes = 0;
  queue.add(
    ...plan.statements.map((statement, index): ReadTask => ({
      relations: [plan.relation],
      ...(plan.order !== undefined && { settings: { enable_seqscan: 'off', enable_bitmapscan: 'off', enable_sort: 'off' } }),
      run: async (client) => {
        const range = await naming(plan, context, () => readRange(client, statement, { target: plan.target, keyFields: plan.keyFields, first: index === 0 }, context));
        rows += range.rows;
        bytes += range.bytes;
        await joiner.add(index, range);
        if (joiner.complete) onDone(rows);
      },
    })),
  );
  return { stream: () => tableStream(plan, rows, bytes, joiner.slices) };
}

/** SQLSTATE classes of what the server cannot do with a table's content: limits exceeded, its system's errors, its own. */
const contentClasses = ['54', '58', 'XX'];

/** Says which table it was that the server could not read. */
async function naming<Result>({ relation }: TablePlan, { source }: ReadTablesContext, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!contentClasses.includes(sqlStateOf(error)?.slice(0, 2) ?? '')) throw error;
    throw postgresErrors.SOURCE_TABLE_FAILED({ source, table: quoteName(relation.schema, relation.name), reason: reasonOf(error) }, { cause: error });
  }
}

/**
 * Counts a table's rows without any index. An index that misses rows (after an upgrade of collations, a crash, a bug)
 * would lose them silently.
 */
function countTask({ relation }: TablePlan, onCounted: (rows: number) => void): ReadTask {
  return {
    relations: [relation],
    settings: { enable_indexscan: 'off', enable_indexonlyscan: 'off', enable_bitmapscan: 'off' },
    run: async (client) => {
      const { rows } = await client.query<{ count: string }>(`SELECT pg_catalog.count(*) FROM ONLY ${quoteName(relation.schema, relation.name)}`);
      onCounted(Number(rows[0]?.count));
    },
  };
}

/** Small tables that one task reads. */
const tablesPerTask = 64;
/** A small table that grew past this gets parts of its own. */
const sharedSize = 256 * 1024;

/** Adds the tasks that read small tables, given in the order of their names, into shared parts. */
export function readSmallTables(relations: readonly Table[], context: ReadTablesContext): TableContent[] {
  const { sink, queue, surroundings } = context;
  const bundle = new Bundle(sink);
  const tables = relations.map((relation) => ({ plan: planPhysically(relation, undefined, surroundings), slices: [] as DraftSlice[], rows: 0, bytes: 0 }));
  const groups = Array.from({ length: Math.ceil(tables.length / tablesPerTask) }, (_, index) => tables.slice(index * tablesPerTask, (index + 1) * tablesPerTask));
  const contents: (Map<(typeof tables)[number], SmallContent> | undefined)[] = [];
  let next = 0;
  let appending = Promise.resolve();
  /** Groups go into the bundle in order, whoever reads them. */
  const append = async () => {
    for (let content = contents[next]; content !== undefined; content = contents[next]) {
      contents[next] = undefined;
      next += 1;
      for (const [table, small] of content) await bundle.add(quoteName(table.plan.relation.schema, table.plan.relation.name), small, table.slices);
    }
    if (next === groups.length) await bundle.flush();
  };
  queue.add(
    ...groups.map((group, index): ReadTask => ({
      relations: group.map(({ plan }) => plan.relation),
      run: async (client) => {
        const shared = new Map<(typeof tables)[number], SmallContent>();
        for (const table of group) {
          const range = await naming(table.plan, context, () => readRange(client, table.plan.statements[0] as string, { target: sharedSize * 4, keyFields: 0, first: true, expected: table.plan.bytes }, context));
          table.rows = range.rows;
          table.bytes = range.bytes;
          range.cutter.flush();
          const [rest] = range.cutter.parts;
          if (rest === undefined) table.slices.splice(0, Infinity, ...range.slices);
          else if (range.slices.length === 0 && rest.raw.length < sharedSize) shared.set(table, { raw: Buffer.from(rest.raw), rows: rest.rows });
          else table.slices.splice(0, Infinity, ...range.slices, await writePart(sink, rest));
        }
        contents[index] = shared;
        appending = appending.then(append);
        await appending;
      },
    })),
  );
  return tables.map((table) => ({ stream: () => tableStream(table.plan, table.rows, table.bytes, table.slices) }));
}

function tableStream(plan: TablePlan, rows: number, bytes: number, slices: readonly DraftSlice[]): DraftStream<TableDetails> {
  const { schema, name, condition } = plan.relation;
  const details: TableDetails = {
    schema,
    name,
    columns: [...plan.columns],
    keyColumns: plan.order?.columns.length ?? 0,
    copyFrom: plan.copyFrom,
    ...(condition !== null && { condition }),
  };
  return { kind: 'table', details, rows, bytes, slices };
}
