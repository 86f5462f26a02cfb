import type { Client } from 'pg';
import { fillText, type Text } from '../../../../src/operations/text.ts';
import type { PostgresDetails } from '../content.ts';
import { reasonOf, sqlStateOf } from '../postgres-errors.ts';
import { quoteIdentifier, quoteLiteral } from '../quoting.ts';

/** No such setting, a value that it does not take (any more), not permitted. */
const refusals = new Set(['42704', '22023', '42501', '55P02']);

type DatabaseDetails = PostgresDetails['database'];

/** Settings whose value is a list of quoted names, which must not become one name (GUC_LIST_QUOTE in PostgreSQL). */
const listSettings = new Set(['local_preload_libraries', 'search_path', 'session_preload_libraries', 'shared_preload_libraries', 'temp_tablespaces', 'unix_socket_directories']);

const settingLeftOut = { en: "The database's setting {setting} was left out: {reason}.", zh: '已略过数据库设置 {setting}：{reason}。' };

/**
 * Gives a database what belongs to it as a whole: settings, connection limit and, unless owners are skipped, settings
 * for single roles and grants. Settings that this server does not know or permit are left out: they come back as warnings.
 */
export async function applyDatabaseProperties(maintenance: Client, name: string, database: DatabaseDetails, { skipOwners }: { readonly skipOwners: boolean }): Promise<Text[]> {
  const quoted = quoteIdentifier(name);
  const warnings: Text[] = [];
  for (const { role, setting } of database.settings) {
    if (role !== null && skipOwners) continue;
    const whose = role === null ? `DATABASE ${quoted}` : `ROLE ${quoteIdentifier(role)} IN DATABASE ${quoted}`;
    try {
      await maintenance.query(`ALTER ${whose} SET ${settingClause(setting)}`);
    } catch (error) {
      if (!refusals.has(sqlStateOf(error) ?? '')) throw error;
      warnings.push(fillText(settingLeftOut, { setting: setting.slice(0, setting.indexOf('=')), reason: reasonOf(error) }));
    }
  }
  if (database.connectionLimit !== -1) await maintenance.query(`ALTER DATABASE ${quoted} CONNECTION LIMIT ${database.connectionLimit}`);
  if (!skipOwners && database.acl !== null) await applyGrants(maintenance, name, database.acl);
  return warnings;
}

/** Replaces the mark of the restore by the backup's comment. */
export async function applyDatabaseComment(maintenance: Client, name: string, comment: string | null): Promise<void> {
  await maintenance.query(`COMMENT ON DATABASE ${quoteIdentifier(name)} IS ${comment === null ? 'NULL' : quoteLiteral(comment)}`);
}

/** `search_path="$user", public` → `"search_path" TO '$user', 'public'`. */
export function settingClause(setting: string): string {
  const equals = setting.indexOf('=');
  const name = setting.slice(0, equals);
  const value = setting.slice(equals + 1);
  // A name with a dot is an extension's: each half is quoted by itself.
  const quoted = name.split('.').map(quoteIdentifier).join('.');
  if (!listSettings.has(name)) return `${quoted} TO ${quoteLiteral(value)}`;
  const names = [...value.matchAll(/\s*(?:"((?:[^"]|"")*)"|([^",\s]+))\s*(?:,|$)/g)].map(([, inQuotes, bare]) => inQuotes?.replaceAll('""', '"') ?? bare ?? '');
  return `${quoted} TO ${names.length === 0 ? "''" : names.map(quoteLiteral).join(', ')}`;
}

interface Grant {
  readonly grantor: string;
  readonly grantee: string | null;
  readonly privilege: string;
  readonly grantable: boolean;
  readonly byOwner: boolean;
}

/** Each grant is made by the role that made it, the owner's first: others hand on what they got. */
async function applyGrants(maintenance: Client, name: string, acl: string): Promise<void> {
  const quoted = quoteIdentifier(name);
  const { rows } = await maintenance.query<Grant>(
    `SELECT grantor.rolname::text AS grantor, grantee.rolname::text AS grantee, a.privilege_type AS privilege, a.is_grantable AS grantable,
            a.grantor = d.datdba AS "byOwner"
     FROM pg_catalog.aclexplode($1::aclitem[]) AS a
     JOIN pg_catalog.pg_database AS d ON d.datname = $2
     JOIN pg_catalog.pg_roles AS grantor ON grantor.oid = a.grantor
     LEFT JOIN pg_catalog.pg_roles AS grantee ON grantee.oid = a.grantee
     ORDER BY 5 DESC, 1, 2 NULLS FIRST, 3`,
    [acl, name],
  );
  const owner = rows.find(({ byOwner }) => byOwner)?.grantor;
  await maintenance.query(`REVOKE ALL ON DATABASE ${quoted} FROM PUBLIC`);
  if (owner !== undefined) await maintenance.query(`REVOKE ALL ON DATABASE ${quoted} FROM ${quoteIdentifier(owner)}`);
  for (const { grantor, grantee, privilege, grantable, byOwner } of rows) {
    const statement = `GRANT ${privilege} ON DATABASE ${quoted} TO ${grantee === null ? 'PUBLIC' : quoteIdentifier(grantee)}${grantable ? ' WITH GRANT OPTION' : ''}`;
    if (byOwner) await maintenance.query(statement);
    else await maintenance.query(`SET ROLE ${quoteIdentifier(grantor)}; ${statement}; RESET ROLE`);
  }
}
