import type { ClientBase } from 'pg';
import { namesShown, type PreflightFinding } from '../../preflight.ts';
import { type FindingKind, toFinding } from './relation-findings.ts';
import { findUnqualifiedNames } from './unqualified-names.ts';

const searchPath: FindingKind = {
  code: 'SEARCH_PATH_NEEDED',
  level: 'warning',
  message: {
    en: 'These functions name things without a schema and will not find them in a restore, where the search path is empty: {names}. Name the schema, or ALTER FUNCTION … SET search_path.',
    zh: '这些函数引用对象时未写模式名，恢复时搜索路径为空，将找不到它们：{names}。请写明模式，或 ALTER FUNCTION … SET search_path。',
  },
};

interface EvaluatedFunction {
  readonly name: string;
  readonly body: string;
  readonly users: string;
}

/**
 * Functions that a restore runs (for materialized views, indexes, CHECK and exclusion constraints of tables and domains, generated
 * columns) and whose text relies on a search path. Only what they name themselves is seen, not what functions that
 * they call name. Runs none of them: they are other people's code.
 */
export async function findSearchPathNeeds(client: ClientBase): Promise<PreflightFinding[]> {
  const functions = await listEvaluatedFunctions(client);
  if (functions.length === 0) return [];
  const known = await listNames(client);
  const needing = functions.flatMap(({ name, body, users }) => {
    const unqualified = findUnqualifiedNames(body, known);
    return unqualified.length === 0 ? [] : [`${name} names ${unqualified.join(', ')} (used by ${users})`];
  });
  return toFinding(searchPath, needing.slice(0, namesShown), needing.length);
}

/** SQL and PL/pgSQL functions without a path of their own; the text of SQL-standard bodies is kept parsed and needs none. */
async function listEvaluatedFunctions(client: ClientBase): Promise<EvaluatedFunction[]> {
  const { rows } = await client.query<EvaluatedFunction>(`
    WITH RECURSIVE read AS (
      SELECT c.oid AS view, c.oid AS relation FROM pg_catalog.pg_class AS c WHERE c.relkind = 'm' AND c.relispopulated
      UNION
      SELECT read.view, d.refobjid FROM read
      JOIN pg_catalog.pg_rewrite AS w ON w.ev_class = read.relation
      JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = w.oid
        AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    ), evaluated AS (
      SELECT 'pg_catalog.pg_rewrite'::pg_catalog.regclass AS class, w.oid AS object, 'materialized view ' || read.view::pg_catalog.regclass::text AS label
      FROM read JOIN pg_catalog.pg_rewrite AS w ON w.ev_class = read.relation
      UNION ALL SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, i.indexrelid, 'index ' || i.indexrelid::pg_catalog.regclass::text FROM pg_catalog.pg_index AS i
      UNION ALL SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid, 'constraint ' || k.conname::text FROM pg_catalog.pg_constraint AS k WHERE k.contype IN ('c', 'x')
      UNION ALL SELECT 'pg_catalog.pg_attrdef'::pg_catalog.regclass, a.oid, 'column ' || c.attname::text || ' of ' || a.adrelid::pg_catalog.regclass::text
      FROM pg_catalog.pg_attrdef AS a JOIN pg_catalog.pg_attribute AS c ON c.attrelid = a.adrelid AND c.attnum = a.adnum AND c.attgenerated <> ''
    )
    SELECT p.oid::pg_catalog.regprocedure::text AS name, p.prosrc AS body, pg_catalog.string_agg(DISTINCT evaluated.label, ', ') AS users
    FROM evaluated
    JOIN pg_catalog.pg_depend AS d ON d.classid = evaluated.class AND d.objid = evaluated.object AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
    JOIN pg_catalog.pg_proc AS p ON p.oid = d.refobjid
    JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang AND l.lanname IN ('sql', 'plpgsql')
    WHERE p.prosrc <> '' AND p.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace
      AND NOT EXISTS (SELECT FROM pg_catalog.unnest(p.proconfig) AS setting WHERE setting LIKE 'search_path=%')
    GROUP BY p.oid ORDER BY 1`);
  return rows;
}

async function listNames(client: ClientBase) {
  const userSchemas = `SELECT oid FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'`;
  const { rows } = await client.query<Record<'relations' | 'functions' | 'types', string[]>>(`
    SELECT ARRAY(SELECT DISTINCT relname::text FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND relnamespace IN (${userSchemas})) AS relations,
           ARRAY(SELECT DISTINCT proname::text FROM pg_catalog.pg_proc WHERE pronamespace IN (${userSchemas})) AS functions,
           ARRAY(SELECT DISTINCT typname::text FROM pg_catalog.pg_type WHERE typnamespace IN (${userSchemas})) AS types`);
  const { relations, functions, types } = rows[0] as (typeof rows)[number];
  return { relations: new Set(relations), functions: new Set(functions), types: new Set(types) };
}
