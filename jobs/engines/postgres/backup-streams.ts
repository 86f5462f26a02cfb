import type { ManifestBody, Stream } from '../../../src/repository/manifest.ts';
import { DefinitionsDetails, PostgresDetails, TableDetails } from './content.ts';

/** A backup's content as a restore or an export uses it: checked and sorted by kind. */
export interface BackupStreams {
  readonly details: PostgresDetails;
  readonly definitions: Stream<DefinitionsDetails>;
  /** Roles and tablespaces as SQL text, where the backup holds them. */
  readonly globals: Stream | undefined;
  readonly tables: readonly Stream<TableDetails>[];
  readonly sequences: Stream | undefined;
  /** Of the tables. */
  readonly rows: number;
  readonly bytes: number;
}

/** Reads a manifest's body as one of this engine. Throws where it is not. */
export function readBackupStreams(body: ManifestBody): BackupStreams {
  const ofKind = (kind: string) => body.streams.filter((stream) => stream.kind === kind);
  const [definitions] = ofKind('definitions');
  if (body.engine !== 'postgres' || definitions === undefined) throw new Error('the manifest is not one of a PostgreSQL backup');
  const tables = ofKind('table').map((stream) => ({ ...stream, details: TableDetails.parse(stream.details) }));
  return {
    details: PostgresDetails.parse(body.details),
    definitions: { ...definitions, details: DefinitionsDetails.parse(definitions.details) },
    globals: ofKind('globals')[0],
    tables,
    sequences: ofKind('sequences')[0],
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    bytes: tables.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
