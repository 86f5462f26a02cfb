import type { ClientBase } from 'pg';
import { isOurs, type Relation } from './catalog.ts';
import type { PostgresDetails } from '../content.ts';
import { quoteName } from '../quoting.ts';

type DatabaseRow = PostgresDetails['database'] & { readonly extensions: PostgresDetails['extensions']; readonly largeObjects: number; readonly hasPublicSchema: boolean };

/** Reads what the manifest says of the database as a whole, but for the fingerprint. Columns that came or went with a version are read by name. */
export async function readDetails(client: ClientBase, relations: readonly Relation[], serverVersion: number): Promise<Omit<PostgresDetails, 'schemaFingerprint'>> {
  const { rows } = await client.query<DatabaseRow>(`
    SELECT b.datname::text AS name, pg_catalog.pg_get_userbyid(b.datdba)::text AS owner,
           pg_catalog.shobj_description(b.oid, 'pg_database') AS comment,
           pg_catalog.pg_encoding_to_char(b.encoding)::text AS encoding,
           b.datcollate::text AS collate, b.datctype::text AS ctype,
           COALESCE(j ->> 'datlocprovider', 'c') AS "localeProvider",
           COALESCE(j ->> 'datlocale', j ->> 'daticulocale') AS locale, j ->> 'daticurules' AS "icuRules",
           b.datconnlimit AS "connectionLimit", b.datacl::text AS acl,
           (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object('role', r.rolname::text, 'setting', s.setting) ORDER BY r.rolname NULLS FIRST, s.number), '[]')
            FROM pg_catalog.pg_db_role_setting d LEFT JOIN pg_catalog.pg_roles r ON r.oid = d.setrole
            CROSS JOIN LATERAL pg_catalog.unnest(d.setconfig) WITH ORDINALITY AS s(setting, number) WHERE d.setdatabase = b.oid) AS settings,
           (SELECT COALESCE(pg_catalog.json_agg(pg_catalog.json_build_object('name', e.extname::text, 'version', e.extversion) ORDER BY e.extname), '[]')
            FROM pg_catalog.pg_extension e) AS extensions,
           (SELECT pg_catalog.count(*)::int FROM pg_catalog.pg_largeobject_metadata) AS "largeObjects",
           EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'public') AS "hasPublicSchema"
    FROM pg_catalog.pg_database b CROSS JOIN LATERAL pg_catalog.to_jsonb(b) AS j
    WHERE b.datname = pg_catalog.current_database()`);
  const { extensions, largeObjects, hasPublicSchema, ...database } = rows[0] as DatabaseRow;
  const named = (keep: (relation: Relation) => boolean) => relations.filter((relation) => isOurs(relation) && keep(relation)).map(({ schema, name }) => quoteName(schema, name));
  return {
    serverVersion,
    database,
    hasPublicSchema,
    extensions,
    roles: await listRoles(client),
    tablespaces: await listTablespaces(client),
    materializedViews: await orderMaterializedViews(client, relations),
    unloggedTables: named(({ kind, unlogged }) => kind === 'r' && unlogged),
    foreignTables: named(({ kind }) => kind === 'f'),
    largeObjects,
  };
}

/** Roles on which anything of this database depends: owners, grantees, policies' roles, and those with settings here. */
async function listRoles(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ role: string }>(`
    SELECT r.rolname::text AS role FROM pg_catalog.pg_roles r
    WHERE r.rolname !~ '^pg_' AND r.oid IN (
      SELECT d.refobjid FROM pg_catalog.pg_shdepend d, pg_catalog.pg_database b
      WHERE b.datname = pg_catalog.current_database() AND d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
        AND (d.dbid = b.oid OR (d.classid = 'pg_catalog.pg_database'::pg_catalog.regclass AND d.objid = b.oid))
      UNION SELECT b.datdba FROM pg_catalog.pg_database b WHERE b.datname = pg_catalog.current_database()
      UNION SELECT c.relowner FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      UNION SELECT n.nspowner FROM pg_catalog.pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public')
      UNION SELECT s.setrole FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database b ON b.oid = s.setdatabase WHERE b.datname = pg_catalog.current_database()
    ) ORDER BY r.rolname::text COLLATE "C"`);
  return rows.map(({ role }) => role);
}

async function listTablespaces(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(`
    SELECT DISTINCT t.spcname::text COLLATE "C" AS name FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_tablespace t ON t.oid = c.reltablespace
    WHERE c.relkind IN ('r', 'p', 'i', 'I', 'm') AND t.spcname NOT IN ('pg_default', 'pg_global') ORDER BY 1`);
  return rows.map(({ name }) => name);
}

/** Populated ones, each behind those that it reads, directly or through views. */
async function orderMaterializedViews(client: ClientBase, relations: readonly Relation[]): Promise<string[]> {
  const populated = new Map(relations.filter((relation) => relation.kind === 'm' && relation.populated && isOurs(relation)).map((relation) => [relation.oid, relation]));
  if (populated.size === 0) return [];
  const { rows } = await client.query<{ view: string; reads: string }>(`
    SELECT DISTINCT w.ev_class::text AS view, d.refobjid::text AS reads
    FROM pg_catalog.pg_rewrite w
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = w.oid
      AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> w.ev_class
    JOIN pg_catalog.pg_class c ON c.oid = d.refobjid AND c.relkind IN ('v', 'm')
    ORDER BY 1, 2`);
  const reads = Map.groupBy(rows, ({ view }) => view);
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (oid: string) => {
    if (seen.has(oid)) return;
    seen.add(oid);
    for (const dependency of reads.get(oid) ?? []) visit(dependency.reads);
    const view = populated.get(oid);
    if (view !== undefined) order.push(quoteName(view.schema, view.name));
  };
  for (const oid of populated.keys()) visit(oid);
  return order;
}
