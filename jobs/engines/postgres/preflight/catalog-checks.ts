import type { FindingKind } from './relation-findings.ts';

/** A finding that the catalogs tell: its statement gives the `name` of each thing found. No statement waits for a lock. */
export interface CatalogCheck extends FindingKind {
  readonly sql: string;
}

const isSuperuser = `(SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = CURRENT_USER)`;
const thisDatabase = `(SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())`;
const ofNoExtension = (catalog: string, oid: string) =>
  `NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = 'pg_catalog.${catalog}'::pg_catalog.regclass AND d.objid = ${oid} AND d.deptype = 'e')`;
/** Below are the objects of initdb. */
const firstUserOid = 16_384;
const inSystemSchema = (namespace: string) => `${namespace} IN ('pg_catalog'::pg_catalog.regnamespace, 'information_schema'::pg_catalog.regnamespace)`;

export const catalogChecks: readonly CatalogCheck[] = [
  {
    code: 'LARGE_OBJECTS_UNREADABLE',
    level: 'error',
    message: {
      en: 'The user may not read {count} large objects: {names}. GRANT SELECT ON LARGE OBJECT, or back up as their owner or a superuser.',
      zh: '该用户无权读取 {count} 个大对象：{names}。请 GRANT SELECT ON LARGE OBJECT，或以其所有者或超级用户备份。',
    },
    sql: `SELECT m.oid::text AS name FROM pg_catalog.pg_largeobject_metadata AS m
          WHERE NOT ${isSuperuser} AND NOT pg_catalog.pg_has_role(m.lomowner, 'USAGE') AND NOT pg_catalog.current_setting('lo_compat_privileges')::bool
            AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(m.lomacl) AS a
                            WHERE a.privilege_type = 'SELECT' AND (a.grantee = 0 OR pg_catalog.pg_has_role(a.grantee, 'USAGE')))`,
  },
  {
    code: 'TABLES_IN_SYSTEM_SCHEMAS',
    level: 'error',
    message: {
      en: 'No dump holds tables and sequences that were made in pg_catalog or information_schema: {names}. Move them by ALTER TABLE … SET SCHEMA.',
      zh: '任何转储都不含建在 pg_catalog 或 information_schema 中的表与序列：{names}。请用 ALTER TABLE … SET SCHEMA 移走。',
    },
    sql: `SELECT c.oid::pg_catalog.regclass::text AS name FROM pg_catalog.pg_class AS c
          WHERE c.oid >= ${firstUserOid} AND c.relkind IN ('r', 'p', 'S', 'm', 'f') AND ${inSystemSchema('c.relnamespace')} AND ${ofNoExtension('pg_class', 'c.oid')}`,
  },
  {
    code: 'DEFINITIONS_IN_SYSTEM_SCHEMAS',
    level: 'warning',
    message: {
      en: 'No dump holds functions and views that were made in pg_catalog or information_schema: {names}. Keep their definitions elsewhere, or move them.',
      zh: '任何转储都不含建在 pg_catalog 或 information_schema 中的函数与视图：{names}。请另存其定义或移走。',
    },
    sql: `SELECT p.oid::pg_catalog.regprocedure::text AS name FROM pg_catalog.pg_proc AS p
          WHERE p.oid >= ${firstUserOid} AND ${inSystemSchema('p.pronamespace')} AND ${ofNoExtension('pg_proc', 'p.oid')}
          UNION ALL SELECT c.oid::pg_catalog.regclass::text FROM pg_catalog.pg_class AS c
          WHERE c.oid >= ${firstUserOid} AND c.relkind = 'v' AND ${inSystemSchema('c.relnamespace')} AND ${ofNoExtension('pg_class', 'c.oid')}`,
  },
  {
    code: 'EXTENSIONS_UNAVAILABLE',
    level: 'warning',
    message: {
      en: 'The server has no files of these installed extensions: {names}. A restore needs a server that has them.',
      zh: '服务器缺少这些已安装扩展的文件：{names}。恢复需要具备它们的服务器。',
    },
    sql: `SELECT e.extname::text AS name FROM pg_catalog.pg_extension AS e
          WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_available_extensions AS a WHERE a.name = e.extname)`,
  },
  {
    code: 'EXTENSION_TABLES',
    level: 'warning',
    message: {
      en: 'Rows in tables that belong to extensions are not in the backup, where the extension does not mark them as configuration: {names}.',
      zh: '属于扩展且未被标记为配置表的表，其数据不在备份中：{names}。',
    },
    // The statistics tell without a lock; the planner's estimate serves where they were reset.
    sql: `SELECT c.oid::pg_catalog.regclass::text AS name FROM pg_catalog.pg_class AS c
          JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e'
          JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
          WHERE c.relkind = 'r' AND c.oid <> ALL (COALESCE(e.extconfig, '{}')) AND (pg_catalog.pg_stat_get_live_tuples(c.oid) > 0 OR c.reltuples > 0)`,
  },
  {
    code: 'SUBSCRIPTIONS_LEFT_OUT',
    level: 'warning',
    message: {
      en: 'Only a superuser can dump subscriptions; the backup is without {names}.',
      zh: '只有超级用户能转储订阅；备份不含 {names}。',
    },
    sql: `SELECT s.subname::text AS name FROM pg_catalog.pg_subscription AS s WHERE s.subdbid = ${thisDatabase} AND NOT ${isSuperuser}`,
  },
  {
    code: 'USER_MAPPINGS_HIDDEN',
    level: 'warning',
    message: {
      en: 'The user does not see the options of these user mappings; the backup is without them: {names}. They often are passwords.',
      zh: '该用户看不到这些用户映射的选项，备份不含其选项：{names}。它们往往是密码。',
    },
    sql: `SELECT m.usename::text || ' on ' || m.srvname::text AS name FROM pg_catalog.pg_user_mappings AS m WHERE m.umoptions IS NULL AND NOT ${isSuperuser}`,
  },
  {
    code: 'PREPARED_TRANSACTIONS',
    level: 'warning',
    message: {
      en: 'Prepared transactions are not in the backup until somebody commits them, and hold their locks so long: {names}.',
      zh: '已准备的事务在提交前不在备份中，且一直持有锁：{names}。',
    },
    sql: `SELECT x.gid || ' of ' || x.owner::text AS name FROM pg_catalog.pg_prepared_xacts AS x WHERE x.database = pg_catalog.current_database()`,
  },
  {
    code: 'COLLATIONS_CHANGED',
    level: 'warning',
    message: {
      en: 'The system sorts differently than when indexes were built on these collations: {names}. Indexes may miss rows and unique ones hold duplicates, which fail a restore: REINDEX, then ALTER … REFRESH COLLATION VERSION.',
      zh: '这些排序规则的版本在索引建立之后发生了变化：{names}。索引可能漏行，唯一索引可能含重复值而使恢复失败：请 REINDEX，再 ALTER … REFRESH COLLATION VERSION。',
    },
    // The database's own version is of PostgreSQL 15 and newer.
    sql: `SELECT c.oid::pg_catalog.regcollation::text AS name FROM pg_catalog.pg_collation AS c
          WHERE c.collversion <> pg_catalog.pg_collation_actual_version(c.oid) AND c.collencoding IN (-1, (SELECT encoding FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
            AND EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.refclassid = 'pg_catalog.pg_collation'::pg_catalog.regclass AND d.refobjid = c.oid)
          UNION ALL SELECT 'database default' FROM pg_catalog.pg_database AS b WHERE b.oid = ${thisDatabase}
            AND pg_catalog.to_jsonb(b) ->> 'datcollversion' <> (
              SELECT pg_catalog.pg_collation_actual_version(c.oid) FROM pg_catalog.pg_collation AS c WHERE c.oid = 'pg_catalog.default'::pg_catalog.regcollation)`,
  },
  {
    code: 'INDEXES_INVALID',
    level: 'warning',
    message: {
      en: 'Invalid indexes are not in the backup; CREATE INDEX CONCURRENTLY leaves them when it fails: {names}. DROP or REINDEX them.',
      zh: '无效索引不在备份中，它们是 CREATE INDEX CONCURRENTLY 失败的残留：{names}。请 DROP 或 REINDEX。',
    },
    sql: `SELECT i.indexrelid::pg_catalog.regclass::text AS name FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
          WHERE NOT i.indisvalid AND c.relkind = 'i' AND c.oid >= ${firstUserOid}`,
  },
  {
    code: 'EXTENSION_VERSIONS',
    level: 'info',
    message: {
      en: 'A restore installs the default version of extensions, which is not the one that is installed here: {names}.',
      zh: '恢复会安装扩展的默认版本，与此处已安装的版本不同：{names}。',
    },
    sql: `SELECT a.name::text || ' ' || a.installed_version AS name FROM pg_catalog.pg_available_extensions AS a WHERE a.installed_version <> a.default_version`,
  },
  {
    code: 'SECRETS_INCLUDED',
    level: 'info',
    message: {
      en: 'The definitions hold connection strings and options, with passwords where they have any: {names}. Keep the repository encrypted.',
      zh: '定义中包含连接串与选项（可能含密码）：{names}。请使用加密仓库。',
    },
    sql: `SELECT 'subscription ' || s.subname::text AS name FROM pg_catalog.pg_subscription AS s WHERE s.subdbid = ${thisDatabase} AND ${isSuperuser}
          UNION ALL SELECT 'user mapping ' || m.usename::text || ' on ' || m.srvname::text FROM pg_catalog.pg_user_mappings AS m WHERE m.umoptions IS NOT NULL`,
  },
  {
    code: 'REPLICATION_SLOTS',
    level: 'info',
    message: {
      en: 'Replication slots are the server’s and in no dump: {names}. Create them anew after a restore.',
      zh: '复制槽属于服务器，不在任何转储中：{names}。恢复后请重新创建。',
    },
    sql: `SELECT s.slot_name::text AS name FROM pg_catalog.pg_replication_slots AS s WHERE s.database = pg_catalog.current_database() AND NOT s.temporary`,
  },
  {
    code: 'EVENT_TRIGGERS',
    level: 'info',
    message: { en: 'Only a superuser can restore event triggers: {names}.', zh: '只有超级用户能恢复事件触发器：{names}。' },
    sql: `SELECT t.evtname::text AS name FROM pg_catalog.pg_event_trigger AS t WHERE ${ofNoExtension('pg_event_trigger', 't.oid')}`,
  },
  {
    code: 'TABLESPACES',
    level: 'info',
    message: {
      en: 'A server without these tablespaces restores into its default one: {names}.',
      zh: '在没有这些表空间的服务器上会恢复到默认表空间：{names}。',
    },
    sql: `SELECT DISTINCT t.spcname::text AS name FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_tablespace AS t ON t.oid = c.reltablespace WHERE t.spcname <> 'pg_global'`,
  },
  {
    code: 'SECURITY_LABELS',
    level: 'info',
    message: {
      en: 'Security labels restore only where their providers are loaded: {names}.',
      zh: '安全标签只能在加载了相应提供者的服务器上恢复：{names}。',
    },
    sql: `SELECT DISTINCT l.provider AS name FROM pg_catalog.pg_seclabel AS l`,
  },
  {
    code: 'CONSTRAINTS_NOT_VALID',
    level: 'info',
    message: {
      en: 'Constraints that were never validated restore as they are: rows may break them: {names}.',
      zh: '从未校验的约束将原样恢复，已有行可能违反它们：{names}。',
    },
    sql: `SELECT k.conname::text || ' on ' || k.conrelid::pg_catalog.regclass::text AS name FROM pg_catalog.pg_constraint AS k WHERE NOT k.convalidated AND k.conrelid <> 0`,
  },
];
