import type { ClientBase } from 'pg';
import type { KeyIndex, Table } from './catalog.ts';
import { quoteIdentifier, quoteLiteral, quoteName } from '../quoting.ts';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

/** Tables of fewer bytes share parts. */
export const smallTableSize = 256 * kibibyte;
const smallestTarget = 512 * kibibyte;
const largestTarget = 4 * mebibyte;
const partsATable = 2048;
const rangeSize = 64 * mebibyte;
const mostRanges = 64;
/** Below, reading along the key would jump through the heap, and what is appended would lie in every part. */
const leastCorrelation = 0.9;
/** Tables of fewer bytes are read along their key whatever its order: the few parts do not matter, VACUUM FULL changes none. */
const smallHeap = 4 * mebibyte;

/** How one table is read. */
export interface TablePlan {
  readonly relation: Table;
  readonly bytes: number;
  /** The key's columns first. */
  readonly columns: readonly string[];
  /** Leading columns whose values name a row: their hash decides where parts end. */
  readonly keyFields: number;
  /** The index along which the rows are read; undefined for physical order. */
  readonly order: KeyIndex | undefined;
  /** Average part size. */
  readonly target: number;
  /** One COPY statement a range, in order. */
  readonly statements: readonly string[];
  /** The statement that loads the rows. */
  readonly copyFrom: string;
}

/** Facts of the server and database that plans depend on. */
export interface PlanSurroundings {
  readonly encoding: string;
  readonly serverVersion: number;
  /** Bytes. */
  readonly blockSize: number;
}

/** Plans a table of its own. Asks the server about tables of more than one range. */
export async function planTable(client: ClientBase, relation: Table, key: KeyIndex | undefined, surroundings: PlanSurroundings): Promise<TablePlan> {
  if (key !== undefined && !relation.condition && (await isReadableAlong(client, relation, key, surroundings))) {
    return planAlongKey(client, relation, key, surroundings);
  }
  return planPhysically(relation, key, surroundings);
}

/** Plans a read in physical order: what works for every table, whatever the state of its indexes. */
export function planPhysically(relation: Table, key: KeyIndex | undefined, surroundings: PlanSurroundings): TablePlan {
  const columns = keyFirst(relation.columns, key);
  const ranges = surroundings.serverVersion >= 140_000 && !relation.condition ? rangeCount(relation) : 1;
  const blocks = Math.ceil(relation.heapBytes / surroundings.blockSize);
  const border = (index: number) => `'(${Math.floor((blocks * index) / ranges)},0)'::pg_catalog.tid`;
  const clauses = Array.from({ length: ranges }, (_, index) => {
    const from = index === 0 ? [] : [`ctid >= ${border(index)}`];
    const to = index === ranges - 1 ? [] : [`ctid < ${border(index + 1)}`];
    return from.length + to.length === 0 ? '' : `WHERE ${[...from, ...to].join(' AND ')}`;
  });
  return finishPlan(relation, columns, key, undefined, clauses, surroundings);
}

async function planAlongKey(client: ClientBase, relation: Table, key: KeyIndex, surroundings: PlanSurroundings): Promise<TablePlan> {
  const names = key.columns.map((column) => quoteIdentifier(column));
  const row = names.length === 1 ? names[0] : `(${names.join(', ')})`;
  const borders = await sampleBorders(client, relation, key, surroundings);
  const clauses = Array.from({ length: borders.length + 1 }, (_, index) => {
    const from = index === 0 ? [] : [`${row} >= ${borders[index - 1]}`];
    const to = index === borders.length ? [] : [`${row} < ${borders[index]}`];
    const where = from.length + to.length === 0 ? '' : `WHERE ${[...from, ...to].join(' AND ')} `;
    return `${where}ORDER BY ${names.join(', ')}`;
  });
  return finishPlan(relation, keyFirst(relation.columns, key), key, key, clauses, surroundings);
}

function finishPlan(
  relation: Table,
  columns: readonly string[],
  key: KeyIndex | undefined,
  order: KeyIndex | undefined,
  clauses: readonly string[],
  { encoding }: PlanSurroundings,
): TablePlan {
  const bytes = relation.heapBytes + relation.toastBytes;
  const name = quoteName(relation.schema, relation.name);
  const list = columns.map((column) => quoteIdentifier(column)).join(', ');
  const named = columns.length === 0 ? name : `${name} (${list})`;
  const options = `(FORMAT text, ENCODING ${quoteLiteral(encoding)})`;
  const statements = clauses.map((clause) => {
    const whole = clause === '' && !relation.condition;
    // The plain form reads the heap without the executor; the other one takes ONLY, order and ranges.
    return whole ? `COPY ${named} TO STDOUT ${options}` : `COPY (SELECT ${list} FROM ONLY ${name} ${relation.condition ?? ''} ${clause}) TO STDOUT ${options}`;
  });
  const { loadedThrough } = relation;
  const into = `${loadedThrough === null ? name : quoteName(loadedThrough.schema, loadedThrough.name)}${named.slice(name.length)}`;
  return { relation, bytes, columns, keyFields: key?.columns.length ?? 0, order, target: targetSize(bytes, order === undefined), statements, copyFrom: `COPY ${into} FROM STDIN ${options}` };
}

/**
 * The average part, within bounds; powers of two, so that cuts nest when a table grows past one. In physical order parts are half as
 * large: new rows fill the gaps that old pages have left, and each dirties the part around it.
 */
function targetSize(bytes: number, isPhysical: boolean): number {
  const wanted = 2 ** Math.ceil(Math.log2(Math.max(bytes / partsATable, 1)));
  return Math.min(largestTarget, Math.max(smallestTarget, wanted)) / (isPhysical ? 2 : 1);
}

function rangeCount({ heapBytes, toastBytes }: Table): number {
  return Math.min(mostRanges, Math.max(1, Math.ceil((heapBytes + toastBytes) / rangeSize)));
}

function keyFirst(columns: readonly string[], key: KeyIndex | undefined): readonly string[] {
  return key === undefined ? columns : [...key.columns, ...columns.filter((column) => !key.columns.includes(column))];
}

/** Whether the table is small, or its key runs along the heap. */
async function isReadableAlong(client: ClientBase, relation: Table, key: KeyIndex, { encoding }: PlanSurroundings): Promise<boolean> {
  // Text of any bytes cannot stand in a statement.
  if (encoding === 'SQL_ASCII' && key.types.some((type) => /char|text|name/.test(type))) return false;
  if (relation.heapBytes <= smallHeap) return true;
  const { rows } = await client.query<{ correlation: number | null }>(
    'SELECT correlation FROM pg_catalog.pg_stats WHERE schemaname = $1 AND tablename = $2 AND attname = $3 AND NOT inherited',
    [relation.schema, relation.name, key.columns[0]],
  );
  return Math.abs(rows[0]?.correlation ?? 0) >= leastCorrelation;
}

/** Blocks read for each border: their rows' spread makes ranges even enough. */
const sampledBlocks = 8;

/** Key values, as SQL, that cut the table into ranges of similar size: quantiles of a sample of its blocks. */
async function sampleBorders(client: ClientBase, relation: Table, key: KeyIndex, { blockSize }: PlanSurroundings): Promise<string[]> {
  const ranges = rangeCount(relation);
  if (ranges === 1) return [];
  const percentage = Math.min(100, (100 * ranges * sampledBlocks * blockSize) / relation.heapBytes);
  // Qualified: a bare name in ORDER BY would mean the output column, which is text.
  const names = key.columns.map((column) => `t.${quoteIdentifier(column)}`);
  const { rows } = await client.query<string[]>({
    rowMode: 'array',
    text: `SELECT ${names.map((name) => `${name}::text`).join(', ')} FROM ONLY ${quoteName(relation.schema, relation.name)} AS t
           TABLESAMPLE SYSTEM (${percentage.toFixed(6)}) REPEATABLE (0) ORDER BY ${names.join(', ')}`,
  });
  const borders: string[] = [];
  for (let index = 1; index < ranges; index += 1) {
    const values = rows[Math.floor((rows.length * index) / ranges)];
    if (values === undefined) continue;
    const literals = values.map((value, column) => `${quoteLiteral(value)}::${key.types[column]}`);
    const border = literals.length === 1 ? (literals[0] as string) : `(${literals.join(', ')})`;
    if (border !== borders.at(-1)) borders.push(border);
  }
  return borders;
}
