import type { z } from 'zod';
import type { ManifestBody, Stream } from '../../../../src/repository/manifest/manifest.ts';
import { DefinitionsDetails, PostgresDetails, TableDetails } from '../content.ts';
import { restoreErrors } from './restore-errors.ts';

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

/** Reads a manifest's body as one of this engine. Throws BACKUP_NOT_READABLE where it says something else. */
export function readBackupStreams(body: ManifestBody): BackupStreams {
  const ofKind = (kind: string) => body.streams.filter((stream) => stream.kind === kind);
  const [definitions] = ofKind('definitions');
  if (body.engine !== 'postgres' || definitions === undefined) throw restoreErrors.BACKUP_NOT_READABLE({ reason: 'streams' });
  const tables = ofKind('table').map((stream) => ({ ...stream, details: parse(TableDetails, stream.details) }));
  return {
    details: parse(PostgresDetails, body.details),
    definitions: { ...definitions, details: parse(DefinitionsDetails, definitions.details) },
    globals: ofKind('globals')[0],
    tables,
    sequences: ofKind('sequences')[0],
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    bytes: tables.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function parse<Schema extends z.ZodType>(schema: Schema, details: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(details);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map(({ path }) => path.join('.'));
  throw restoreErrors.BACKUP_NOT_READABLE({ reason: `details (${[...new Set(places)].join(', ')})` }, { cause: parsed.error });
}
