import type { Client } from 'pg';
import type { Environment } from '../../../../src/operations/configuration.ts';
import type { EngineContext } from '../../engine.ts';
import { type PostgresAddress, withDatabase } from './address.ts';
import { connect } from './connection.ts';
import { isMissingDatabase } from '../postgres-errors.ts';

/** Databases that every server has unless somebody dropped them: where databases are created and renamed from. */
const maintenanceDatabases = ['postgres', 'template1'] as const;

/**
 * Opens the connection from which databases are created, renamed and dropped: to another database of the target's
 * server. `onLost` as in `connect`.
 */
export async function connectMaintenance(
  { signal }: Pick<EngineContext, 'signal'>,
  target: PostgresAddress,
  environment: Environment,
  onLost?: (error: Error) => void,
): Promise<Client> {
  const [first, second] = maintenanceDatabases.filter((name) => name !== target.database);
  const open = connectorTo({ signal }, target, environment, onLost);
  try {
    return await open(first ?? 'template1');
  } catch (error) {
    if (second === undefined || !isMissingDatabase(error)) throw error;
    return open(second);
  }
}

/** Opens connections for administration to any database of the target's server. */
export function connectorTo({ signal }: Pick<EngineContext, 'signal'>, target: PostgresAddress, environment: Environment, onLost?: (error: Error) => void): (database: string) => Promise<Client> {
  return (database) =>
    connect(withDatabase(target, database), {
      signal,
      environment,
      applicationName: 'holdfast restore',
      settings: { default_transaction_read_only: 'off', default_transaction_isolation: 'read committed', client_min_messages: 'warning' },
      ...(onLost !== undefined && { onLost }),
    });
}
