import type { Client } from 'pg';
import type { Environment } from '../../../../src/operations/configuration.ts';
import type { EngineContext } from '../../engine.ts';
import { describePostgresAddress, type PostgresAddress } from '../connect/address.ts';
import { connect } from '../connect/connection.ts';
import { sqlStateOf } from '../postgres-errors.ts';
import { targetError } from './restore-errors.ts';

/** The database that is being filled, under the name that it has meanwhile. */
export interface TargetSessions {
  readonly address: PostgresAddress;
  readonly environment: Environment;
  /** For people: the target as it was named, without credentials. */
  readonly shown: string;
}

export function targetSessions(address: PostgresAddress, environment: Environment, shown = describePostgresAddress(address)): TargetSessions {
  return { address, environment, shown };
}

/**
 * Settings of sessions that fill a database which nobody uses yet. Commits need not wait for the disk: the last
 * statement of a restore, the one that gives the database its name or clears its mark, does, and with it all before it.
 */
export const loadingSettings = {
  synchronous_commit: 'off',
  default_transaction_read_only: 'off',
  default_transaction_isolation: 'read committed',
  client_min_messages: 'warning',
  array_nulls: 'on',
} as const;

/**
 * Runs `work` on a connection to the database and closes it whatever happens. What the server refuses and a lost
 * connection become errors that name the target; other errors of `work` come as they are.
 */
export async function withSession<Result>(context: Pick<EngineContext, 'signal'>, sessions: TargetSessions, work: (client: Client) => Promise<Result>): Promise<Result> {
  let isLost = false;
  const client = await connect(sessions.address, {
    signal: context.signal,
    environment: sessions.environment,
    applicationName: 'holdfast restore',
    settings: loadingSettings,
    onLost: () => {
      isLost = true;
    },
  });
  try {
    return await work(client);
  } catch (error) {
    throw isLost || sqlStateOf(error) !== undefined ? targetError(error, sessions.shown) : error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Works through the items on several connections side by side, each of which takes the next one when it is free: of an iterator
 * that they share, or as the iterable hands out. The first failure stops the others at once and is thrown when all connections are closed.
 */
export async function runOnConnections<Item>(
  context: Pick<EngineContext, 'signal'>,
  sessions: TargetSessions,
  { items, connections }: { readonly items: Iterable<Item>; readonly connections: number },
  work: (client: Client, item: Item) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const signal = AbortSignal.any([context.signal, failed.signal]);
  let failure: { readonly error: unknown } | undefined;
  const worker = async () => {
    try {
      await withSession({ signal }, sessions, async (client) => {
        for (const item of items) {
          signal.throwIfAborted();
          await work(client, item);
        }
      });
    } catch (error) {
      failure ??= { error };
      failed.abort();
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  context.signal.throwIfAborted();
  if (failure !== undefined) throw failure.error;
}

/** A list for `runOnConnections`, in its order, and no more connections than it has items. */
export function shared<Item>(items: readonly Item[], connections: number): { items: Iterable<Item>; connections: number } {
  return { items: items.values(), connections: Math.min(connections, items.length) };
}
