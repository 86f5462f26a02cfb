import type { Environment } from '../../../../src/operations/configuration.ts';
import { connectError } from '../postgres-errors.ts';
import { describePostgresAddress, type PostgresAddress, withHost } from './address.ts';
import { connect } from './connection.ts';

/** The first host that answers: all connections and programs of a backup have to meet the same server. */
export async function chooseHost(address: PostgresAddress, signal: AbortSignal, environment: Environment): Promise<PostgresAddress> {
  if (address.hosts.length === 1) return address;
  let failure: unknown;
  for (const host of address.hosts) {
    const single = withHost(address, host);
    try {
      const client = await connect(single, { signal, environment });
      await client.end();
      return single;
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
    }
  }
  throw connectError(failure, describePostgresAddress(address));
}
