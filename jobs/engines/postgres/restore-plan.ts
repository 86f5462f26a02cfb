import type { RestoreRequest } from '../engine.ts';
import type { BackupStreams } from './backup-streams.ts';
import { describePostgresAddress, type PostgresAddress } from './address.ts';
import type { Preflight } from './restore-preflight.ts';

export interface PlanRequest {
  readonly address: PostgresAddress;
  readonly preflight: Preflight;
  readonly backup: BackupStreams;
  readonly options: RestoreRequest['options'];
  readonly leftovers: readonly string[];
  /** Names that the database has meanwhile and that the replaced one gets. */
  readonly restoring: string;
  readonly previous: string;
}

/** The steps of a restore for people: English, one sentence each. */
export function describePlan({ address, preflight, backup, options, leftovers, restoring, previous }: PlanRequest): string[] {
  const { details, tables, rows, bytes } = backup;
  const { mode } = preflight;
  const target = describePostgresAddress(address);
  const { database } = details;
  return [
    ...leftovers.map((name) => `Drop ${name}, which a killed restore left.`),
    mode === 'fill'
      ? `Restore into the existing, empty database ${target}; its owner, privileges and settings stay as they are.`
      : `Create the database ${restoring} on the server of ${target} (encoding ${database.encoding}, collation ${database.collate}).`,
    options.skipOwners ? 'Create the definitions without owners and privileges.' : `Create the definitions, owned by ${count(details.roles.length, 'role')} as in the backup.`,
    `Load ${count(rows, 'row')} (${count(bytes, 'byte')}) of ${count(tables.length, 'table')} over ${count(options.connections, 'connection')}.`,
    ...(details.largeObjects > 0 ? [`Load ${count(details.largeObjects, 'large object')}.`] : []),
    'Set the sequences, then create indexes, constraints and triggers.',
    ...(details.materializedViews.length > 0 ? [`Refresh ${count(details.materializedViews.length, 'materialized view')}.`] : []),
    'Analyze, and compare rows, sequences and large objects with the backup.',
    ...(mode === 'create' ? [`Rename ${restoring} to ${address.database}.`] : []),
    ...(mode === 'exchange' && options.endSessions ? [`End the sessions on ${address.database}.`] : []),
    ...(mode === 'exchange' ? [`Exchange the names in one transaction: ${address.database} becomes ${previous}, ${restoring} becomes ${address.database}.`] : []),
    ...(mode === 'exchange' && options.overwrite && !options.swap ? [`Drop ${previous}.`] : []),
  ];
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;
}
