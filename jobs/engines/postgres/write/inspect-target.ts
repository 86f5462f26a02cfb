import type { Client } from 'pg';
import type { Environment } from '../../../../src/operations/configuration.ts';
import type { EngineContext } from '../../engine.ts';
import { describePostgresAddress, type PostgresAddress } from '../connect/address.ts';
import { connect } from '../connect/connection.ts';
import { isMissingDatabase } from '../postgres-errors.ts';
import { targetError } from './restore-errors.ts';

export type TargetState = { readonly kind: 'absent' } | { readonly kind: 'empty' | 'occupied'; readonly encoding: string };

/** Looks whether the database exists and whether anything is in it. Throws SOURCE_UNREACHABLE or SOURCE_REFUSED. */
export async function inspectTarget({ signal }: Pick<EngineContext, 'signal'>, address: PostgresAddress, environment: Environment): Promise<TargetState> {
  let client: Client;
  try {
    client = await connect(address, { signal, environment, applicationName: 'holdfast restore' });
  } catch (error) {
    if (isMissingDatabase(error)) return { kind: 'absent' };
    throw error;
  }
  try {
    const { rows } = await client.query<{ empty: boolean; encoding: string }>(`SELECT ${isEmpty} AS empty, pg_catalog.getdatabaseencoding() AS encoding`);
    return { kind: rows[0]?.empty === true ? 'empty' : 'occupied', encoding: rows[0]?.encoding ?? '' };
  } catch (error) {
    throw targetError(error, describePostgresAddress(address));
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** What initdb makes has an oid below. */
const firstUserOid = 16_384;

/** Catalogs of what lies in no schema, and how to tell what is the database's own. */
const unschemed = [
  `pg_catalog.pg_namespace WHERE oid >= ${firstUserOid} AND nspname <> 'public' AND nspname !~ '^pg_(toast_)?temp_'`,
  `pg_catalog.pg_extension WHERE extname <> 'plpgsql'`,
  'pg_catalog.pg_largeobject_metadata',
  'pg_catalog.pg_publication',
  'pg_catalog.pg_event_trigger',
  'pg_catalog.pg_foreign_data_wrapper',
  `pg_catalog.pg_language WHERE oid >= ${firstUserOid}`,
  `pg_catalog.pg_cast WHERE oid >= ${firstUserOid}`,
  `pg_catalog.pg_am WHERE oid >= ${firstUserOid}`,
  'pg_catalog.pg_default_acl',
];

const schemed = [
  ['pg_class', 'relnamespace'],
  ['pg_proc', 'pronamespace'],
  ['pg_type', 'typnamespace'],
  ['pg_operator', 'oprnamespace'],
  ['pg_opfamily', 'opfnamespace'],
  ['pg_collation', 'collnamespace'],
  ['pg_conversion', 'connamespace'],
  ['pg_ts_config', 'cfgnamespace'],
  ['pg_ts_dict', 'dictnamespace'],
  ['pg_ts_parser', 'prsnamespace'],
  ['pg_ts_template', 'tmplnamespace'],
] as const;

/** Whether a database holds no more than one fresh from template0: an SQL expression. */
const isEmpty = [
  ...unschemed.map((from) => `NOT EXISTS (SELECT FROM ${from})`),
  ...schemed.map(([catalog, namespace]) => `NOT EXISTS (SELECT FROM pg_catalog.${catalog} WHERE ${namespace} = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'public'))`),
].join(' AND ');
