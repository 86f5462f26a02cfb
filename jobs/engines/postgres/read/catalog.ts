import type { ClientBase } from 'pg';

/** A relation of the database as far as backing it up is concerned. System catalogs and temporary ones are left out. */
export interface Relation {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  /** `pg_class.relkind`: r table, p partitioned table, S sequence, m materialized view, f foreign table. */
  readonly kind: 'r' | 'p' | 'S' | 'm' | 'f';
  readonly unlogged: boolean;
  /** The extension that it belongs to: its rows are the extension's, unless it is one of its configuration tables. */
  readonly extension: string | null;
  /** `pg_extension.extcondition`: a WHERE clause or empty; null where it is no configuration table. */
  readonly condition: string | null;
  /** Not refused, that is: of what is dropped meanwhile nobody can say. */
  readonly readable: boolean;
  /** Row security would hide rows from us. */
  readonly filtered: boolean;
  /** The file named in the catalog is the one that the server reads: nobody truncated or rewrote it since the snapshot. */
  readonly current: boolean;
  /** Populated materialized view. */
  readonly populated: boolean;
  /** Columns that are copied: neither dropped nor generated. In the table's order. */
  readonly columns: readonly string[];
  /**
   * The partitioned table through which a partition's rows must be loaded, null where they go into the partition itself:
   * hashes of enum values, of what may contain some, and of names of objects (regclass) differ from database to database,
   * so the rows may belong to another partition there. Of operator classes that are not PostgreSQL's own nobody knows.
   */
  readonly loadedThrough: { readonly schema: string; readonly name: string } | null;
}

/** Relations that belong to users: the condition on `n` (pg_namespace) and `c` (pg_class). */
const userRelations = `n.nspname !~ '^pg_(toast|temp|toast_temp)' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND c.relpersistence <> 't'`;

/**
 * Lists relations in the order of schema and name, as the client's snapshot shows them. Waits for no lock: whoever
 * holds one may be waiting for a lock of ours.
 */
export async function listRelations(client: ClientBase): Promise<Relation[]> {
  const { rows } = await client.query<Relation>(`
    SELECT c.oid::text AS oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind,
           c.relpersistence = 'u' AS unlogged, e.extname::text AS extension,
           CASE WHEN e.extconfig IS NOT NULL THEN e.extcondition[pg_catalog.array_position(e.extconfig, c.oid)] END AS condition,
           COALESCE(CASE c.relkind WHEN 'S' THEN pg_catalog.has_sequence_privilege(c.oid, 'SELECT') ELSE pg_catalog.has_table_privilege(c.oid, 'SELECT') END, true)
             AND COALESCE(pg_catalog.has_schema_privilege(n.oid, 'USAGE'), true) AS readable,
           pg_catalog.row_security_active(c.oid) AS filtered,
           pg_catalog.pg_relation_filenode(c.oid) IS NOT DISTINCT FROM NULLIF(c.relfilenode, 0) AS current,
           c.relispopulated AS populated,
           CASE WHEN c.relkind = 'r' THEN ARRAY(
             SELECT a.attname::text FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum
           ) ELSE '{}' END AS columns,
           CASE WHEN c.relispartition AND EXISTS (
             SELECT FROM pg_catalog.pg_partition_ancestors(c.oid) AS ancestor JOIN pg_catalog.pg_partitioned_table AS p ON p.partrelid = ancestor.relid
             JOIN pg_catalog.pg_opclass AS o ON o.oid = ANY (p.partclass)
             WHERE p.partstrat = 'h' AND (o.opcname IN ('enum_ops', 'array_ops', 'record_ops', 'range_ops', 'multirange_ops', 'oid_ops')
               OR o.opcnamespace <> 'pg_catalog'::pg_catalog.regnamespace)
           ) THEN (
             SELECT pg_catalog.json_build_object('schema', rn.nspname, 'name', r.relname)
             FROM pg_catalog.pg_class AS r JOIN pg_catalog.pg_namespace AS rn ON rn.oid = r.relnamespace WHERE r.oid = pg_catalog.pg_partition_root(c.oid)
           ) END AS "loadedThrough"
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.objsubid = 0
      AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
    LEFT JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
    WHERE c.relkind IN ('r', 'p', 'S', 'm', 'f') AND ${userRelations}
    ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"`);
  return rows;
}

/** A table that is to be read, and the bytes of its heap and of what is stored out of line. */
export interface Table extends Relation {
  readonly heapBytes: number;
  readonly toastBytes: number;
}

/** Measures tables. To ask for a table's size takes a lock on it: they have to be locked already. */
export async function measureTables(client: ClientBase, tables: readonly Relation[]): Promise<Table[]> {
  const { rows } = await client.query<{ oid: string; heap: string | null; toast: string | null }>(
    `SELECT c.oid::text AS oid, pg_catalog.pg_relation_size(c.oid) AS heap,
            CASE WHEN c.reltoastrelid = 0 THEN 0 ELSE pg_catalog.pg_relation_size(c.reltoastrelid) END AS toast
     FROM pg_catalog.pg_class c WHERE c.oid = ANY ($1::oid[])`,
    [tables.map(({ oid }) => oid)],
  );
  const sizes = new Map(rows.map((row) => [row.oid, row]));
  return tables.map((table) => {
    const size = sizes.get(table.oid);
    // A table of unknown size must never pass for an empty one. They are locked: one that is gone is no case to go on from.
    if (!size || size.heap === null || size.toast === null) throw new Error(`the size of the table with oid ${table.oid} is unknown`);
    return { ...table, heapBytes: Number(size.heap), toastBytes: Number(size.toast) };
  });
}

/** Whether the relation's own content is ours to back up: extensions bring their tables with them. */
export function isOurs(relation: Relation): boolean {
  return relation.extension === null || relation.condition !== null;
}

/** Whether the table has to be locked so that it stays as the snapshot shows it: what pg_dump locks, too. */
export function needsLock(relation: Relation): boolean {
  return (relation.kind === 'r' || relation.kind === 'p') && isOurs(relation);
}

/** A unique index that can order and name rows: its columns' order depends on no collation, none is ever null. */
export interface KeyIndex {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[];
  /** Types with modifiers, for literals. */
  readonly types: readonly string[];
}

const orderedTypes = ['int2', 'int4', 'int8', 'oid', 'numeric', 'uuid', 'bool', 'char', 'date', 'timestamp', 'timestamptz', 'time', 'bytea', 'text', 'varchar', 'bpchar', 'name', 'inet', 'cidr', 'macaddr', 'macaddr8', 'pg_lsn'];

/** The best such index of each table by the table's oid: the primary key, else the first unique one by name. */
export async function listKeys(client: ClientBase): Promise<Map<string, KeyIndex>> {
  const { rows } = await client.query<KeyIndex & { table: string }>(
    `SELECT DISTINCT ON (i.indrelid) i.indrelid::text AS table, n.nspname::text AS schema, x.relname::text AS name, k.columns, k.types
     FROM pg_catalog.pg_index i
     JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
     JOIN pg_catalog.pg_am am ON am.oid = x.relam AND am.amname = 'btree'
     JOIN pg_catalog.pg_class c ON c.oid = i.indrelid AND c.relkind = 'r'
     JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND ${userRelations}
     CROSS JOIN LATERAL (
       SELECT pg_catalog.array_agg(a.attname::text ORDER BY p.number) AS columns,
              pg_catalog.array_agg(pg_catalog.format_type(a.atttypid, a.atttypmod) ORDER BY p.number) AS types,
              pg_catalog.bool_and(
                a.attnotnull AND a.attgenerated = '' AND i.indoption[p.number - 1] = 0 AND o.opcdefault
                AND t.typname = ANY ($1::text[]) AND t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
                AND a.attcollation = i.indcollation[p.number - 1]
                AND (a.attcollation = 0 OR l.collname IN ('C', 'POSIX', 'ucs_basic')
                     OR (l.collname = 'default' AND b.datcollate IN ('C', 'POSIX') AND COALESCE(pg_catalog.to_jsonb(b) ->> 'datlocprovider', 'c') = 'c'))
                -- NOT NULL that is NOT VALID (since PostgreSQL 18) promises nothing of the rows that are there.
                AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS m
                                WHERE m.conrelid = i.indrelid AND m.contype = 'n' AND m.conkey = ARRAY[a.attnum] AND NOT m.convalidated)
              ) AS usable
       FROM pg_catalog.generate_series(1, i.indnkeyatts::int) AS p(number)
       JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p.number - 1]
       JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
       JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[p.number - 1]
       JOIN pg_catalog.pg_database b ON b.datname = pg_catalog.current_database()
       LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
     ) AS k
     WHERE i.indisunique AND i.indisvalid AND i.indislive AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL AND k.usable
     ORDER BY i.indrelid, i.indisprimary DESC, x.relname::text COLLATE "C"`,
    [orderedTypes],
  );
  return new Map(rows.map(({ table, ...key }) => [table, key]));
}
