import { z } from 'zod';

/**
 * What a manifest of this engine says besides bytes: the contract between backup.ts, restore.ts and export.ts.
 * Streams come in this order: `definitions`, `globals` (unless left out), every `table`, `sequences`.
 */
export const PostgresDetails = z.strictObject({
  /** `server_version_num`: 150020, 180004. */
  serverVersion: z.number().int(),
  database: z.strictObject({
    name: z.string(),
    owner: z.string(),
    comment: z.string().nullable(),
    /** As PostgreSQL names it: `UTF8`, `SQL_ASCII`. The row bytes of table streams are in this encoding. */
    encoding: z.string(),
    collate: z.string(),
    ctype: z.string(),
    /** `pg_database.datlocprovider`: c (libc), i (ICU), b (builtin). */
    localeProvider: z.enum(['c', 'i', 'b']),
    /** ICU or builtin locale, and ICU rules, where the provider has them. */
    locale: z.string().nullable(),
    icuRules: z.string().nullable(),
    connectionLimit: z.number().int(),
    /** `ALTER DATABASE … SET`: `pg_db_role_setting.setconfig` of the database; with a role where it is for one role only. */
    settings: z.array(z.strictObject({ role: z.string().nullable(), setting: z.string() })),
    /** `pg_database.datacl` as text, null for the default. */
    acl: z.string().nullable(),
  }),
  /** pg_dump says nothing of a schema `public` that was dropped: new databases have one. */
  hasPublicSchema: z.boolean(),
  extensions: z.array(z.strictObject({ name: z.string(), version: z.string() })),
  /** Roles that own objects, are granted something or have settings here: a restore with owners needs them. */
  roles: z.array(z.string()),
  tablespaces: z.array(z.string()),
  /** Populated materialized views in the order in which they can be refreshed. Quoted, schema-qualified names. */
  materializedViews: z.array(z.string()),
  /** Quoted, qualified names of what a logical backup holds only by definition or whose rows are not protected elsewhere. */
  unloggedTables: z.array(z.string()),
  foreignTables: z.array(z.string()),
  largeObjects: z.number().int().nonnegative(),
  /** SHA-256 of the definitions as normalized plain SQL: equal for databases of equal definition. */
  schemaFingerprint: z.string(),
});
export type PostgresDetails = z.infer<typeof PostgresDetails>;

/** Rows of one ordinary table, leaf partition or extension configuration table, as COPY text. */
export const TableDetails = z.strictObject({
  schema: z.string(),
  name: z.string(),
  /** Unquoted, in the order of the copied fields: the ordering key's columns first. */
  columns: z.array(z.string()),
  /** How the rows were read: along the key's first n columns, or in physical order (n = 0). */
  keyColumns: z.number().int().nonnegative(),
  /** The statement that loads the stream's bytes: ASCII or UTF-8 SQL text, ready for psql or the driver. */
  copyFrom: z.string(),
  /** WHERE clause of an extension's configuration table (`pg_extension.extcondition`), empty for all rows. */
  condition: z.string().optional(),
});
export type TableDetails = z.infer<typeof TableDetails>;

/** pg_dump's custom format archive: all definitions, and large objects with their contents. No rows of tables. */
export const DefinitionsDetails = z.strictObject({ program: z.literal('pg_dump'), programVersion: z.string(), format: z.literal('custom') });
export type DefinitionsDetails = z.infer<typeof DefinitionsDetails>;

/** Kinds of streams: `sequences` is SQL text of `SELECT pg_catalog.setval(…);` lines; `globals` is pg_dumpall's SQL text. */
export const postgresStreamKinds = ['definitions', 'globals', 'table', 'sequences'] as const;
