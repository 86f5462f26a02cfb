import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Environment } from '../../../src/operations/configuration.ts';
import type { ManifestBody, Stream } from '../../../src/repository/manifest/manifest.ts';
import type { PartSource } from '../../../src/repository/parts/parts.ts';
import type { EngineContext } from '../engine.ts';
import { type BackupStreams, readBackupStreams } from './write/backup-streams.ts';
import { findClientPrograms, runProgram } from './connect/client-programs.ts';
import { forOlderServer, needsOlderScript } from './write/definitions-script.ts';
import { withDefinitionsFile } from './write/definitions-file.ts';
import { listEventTriggers } from './write/event-triggers.ts';
import type { ArchiveSection } from './write/restore-definitions.ts';

export interface ExportRequest {
  readonly body: ManifestBody;
  readonly parts: PartSource;
  readonly output: Writable;
}

/**
 * Writes a backup as the plain SQL that `psql --set ON_ERROR_STOP=1` reads into an empty database of the backup's
 * encoding: definitions, rows, large objects, sequences, indexes and constraints, materialized views. Does not end the
 * output. Nothing is buffered whole; the definitions pass through a temporary file.
 */
export async function exportPostgres(context: EngineContext, { body, parts, output }: ExportRequest, { environment, programFolders }: { readonly environment: Environment; readonly programFolders?: string }): Promise<void> {
  const backup = readBackupStreams(body);
  const programs = await findClientPrograms({
    majorVersion: Number.parseInt(backup.definitions.details.programVersion, 10),
    environment,
    ...(programFolders !== undefined && { folders: programFolders }),
  });
  const env = Object.fromEntries(Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('PG')));
  const isOlder = needsOlderScript(programs.majorVersion, backup.details.serverVersion);
  context.progress.phase('writing', backup.bytes);
  await withDefinitionsFile(context, { stream: backup.definitions, parts, environment }, async (archive) => {
    const section = (name: ArchiveSection, list?: string) =>
      runProgram(programs.pgRestore, [`--section=${name}`, ...(list === undefined ? [] : [`--use-list=${list}`]), '--file=-', archive], {
        env,
        signal: context.signal,
        output: (stdout) => copyTo(context, isOlder ? forOlderServer(stdout) : stdout, output),
      });
    await write(context, output, header(backup));
    await writeGlobals(context, output, backup.globals, parts);
    if (!backup.details.hasPublicSchema) await write(context, output, 'DROP SCHEMA IF EXISTS public;\n\n');
    await section('pre-data');
    for (const table of backup.tables) {
      if (table.slices.length === 0) continue;
      // What pg_restore wrote may have set another encoding for names; the rows' own is part of the statement.
      await write(context, output, `\nSET client_encoding = 'UTF8';\n${valueSettings}\n${table.details.copyFrom};\n`);
      for await (const rows of parts.readAll(table.slices)) {
        await write(context, output, rows);
        context.progress.advance(rows.length);
      }
      await write(context, output, '\\.\n');
    }
    if (backup.details.largeObjects > 0) await section('data');
    await writeSequences(context, output, backup.sequences, parts);
    const lists = await listEventTriggers(context, { programs, archive, env });
    await section('post-data', lists?.othersFirst);
    const refreshes = backup.details.materializedViews.map((name) => `REFRESH MATERIALIZED VIEW ${name};\n`);
    await write(context, output, `\nSET client_encoding = 'UTF8';\n${refreshes.join('')}\nANALYZE;\n`);
    if (lists !== undefined) await section('post-data', lists.eventTriggers);
  });
}

/** What decides how the server reads values, whatever it, the database or the role have as their defaults. */
const valueSettings = "SET lc_monetary = 'C'; SET array_nulls = on;";

/** Roles belong to the server, which may have them: their statements are there for who needs them, as comments. */
async function writeGlobals(context: EngineContext, output: Writable, stream: Stream | undefined, parts: PartSource): Promise<void> {
  if (stream === undefined) return;
  const chunks: Buffer[] = [];
  for await (const chunk of parts.readAll(stream.slices)) chunks.push(chunk);
  const lines = Buffer.concat(chunks).toString('utf8').split(/\r\n|\r|\n/).filter((line) => line !== '');
  await write(context, output, `-- The server's roles and tablespaces:\n${lines.map((line) => `--   ${line}\n`).join('')}\n`);
}

async function writeSequences(context: EngineContext, output: Writable, stream: Stream | undefined, parts: PartSource): Promise<void> {
  if (stream === undefined) return;
  await write(context, output, "\nSET client_encoding = 'UTF8';\n");
  for await (const chunk of parts.readAll(stream.slices)) await write(context, output, chunk);
  await write(context, output, '\n');
}

async function copyTo(context: EngineContext, chunks: AsyncIterable<Buffer>, output: Writable): Promise<void> {
  for await (const chunk of chunks) await write(context, output, chunk);
}

async function write({ signal }: EngineContext, output: Writable, chunk: string | Buffer): Promise<void> {
  signal.throwIfAborted();
  if (output.destroyed) throw output.errored ?? new Error('the output was closed before everything was written');
  if (output.write(chunk)) return;
  const over = new AbortController();
  const options = { signal: AbortSignal.any([signal, over.signal]) };
  try {
    await Promise.race([once(output, 'drain', options), once(output, 'close', options)]);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    over.abort();
  }
}

/** A backup's facts as SQL comments: names in it may hold line breaks, so they are shown as JSON. */
function header({ details }: BackupStreams): string {
  const { database, extensions, roles } = details;
  return [
    `-- Database ${JSON.stringify(database.name)} of PostgreSQL ${Math.floor(details.serverVersion / 10_000)}, written by Holdfast.`,
    '-- Read it by psql with --set ON_ERROR_STOP=1 into an empty database made like this one was:',
    `--   encoding ${database.encoding}, collation ${JSON.stringify(database.collate)}, character type ${JSON.stringify(database.ctype)}, made from template0.`,
    `-- It needs the roles ${JSON.stringify(roles)} and the extensions ${JSON.stringify(extensions.map(({ name }) => name))}.`,
    '',
    '',
  ].join('\n');
}
