import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import type { DraftSlice, PartSink } from '../../../../src/repository/parts/parts.ts';
import type { DraftStream } from '../../engine.ts';
import { ByteCutter } from './byte-cutter.ts';
import { type ClientPrograms, runProgram } from '../connect/client-programs.ts';
import type { DefinitionsDetails } from '../content.ts';
import { writePart } from './read-rows.ts';
import { fingerprintDefinitions } from './schema-fingerprint.ts';

interface DefinitionsOptions {
  readonly programs: ClientPrograms;
  /** Names server, user and database to libpq. */
  readonly env: Record<string, string>;
  readonly snapshot: string;
  /** Milliseconds that pg_dump waits for each of its locks. */
  readonly lockTimeout: number;
  readonly sink: PartSink;
  readonly signal: AbortSignal;
}

/**
 * Reads all definitions, and large objects with their contents, by pg_dump in the snapshot. Its archive goes into
 * parts, and through pg_restore, which checks that it can be read and writes the SQL that the fingerprint is of.
 * Throws POSTGRES_PROGRAM_FAILED.
 */
export async function readDefinitions(options: DefinitionsOptions): Promise<{ stream: DraftStream<DefinitionsDetails>; fingerprint: string }> {
  const { programs, env, snapshot, lockTimeout, sink, signal } = options;
  const copy = new PassThrough();
  // Its end with an error may come after pg_restore has read all that it wants, and nobody listens any more.
  copy.on('error', () => {});
  const slices: DraftSlice[] = [];
  let fingerprint = '';
  const dump = runProgram(
    programs.pgDump,
    ['--format=custom', '--compress=0', `--snapshot=${snapshot}`, '--exclude-table-data=*.*', `--lock-wait-timeout=${lockTimeout}`, '--no-password'],
    { env, signal, output: (archive) => storeArchive(archive, copy, sink, slices) },
  ).catch((error: unknown) => {
    copy.destroy(error as Error);
    throw error;
  });
  const list = runProgram(programs.pgRestore, ['--schema-only', '--file=-'], {
    env,
    signal,
    input: copy,
    output: async (sql) => {
      fingerprint = await fingerprintDefinitions(sql);
    },
  }).finally(() => copy.destroy());
  const [dumped, listed] = await Promise.allSettled([dump, list]);
  if (dumped.status === 'rejected') throw dumped.reason;
  if (listed.status === 'rejected') throw listed.reason;
  const bytes = slices.reduce((sum, slice) => sum + slice.raw, 0);
  const details = { program: 'pg_dump', programVersion: programs.version, format: 'custom' } as const;
  return { stream: { kind: 'definitions', details, rows: 0, bytes, slices }, fingerprint };
}

/** Cuts the archive into parts and passes it on to the copy, as long as that is read. */
async function storeArchive(archive: Readable, copy: PassThrough, sink: PartSink, slices: DraftSlice[]): Promise<void> {
  const cutter = new ByteCutter();
  const store = async () => {
    for (const raw of cutter.parts.splice(0)) {
      const { part, raw: size } = await writePart(sink, { raw, rows: 0 });
      slices.push({ part, raw: size });
    }
  };
  // pg_restore stops reading at the first data: whoever closes the copy wants no more of it.
  const closed = once(copy, 'close').catch(() => undefined);
  for await (const chunk of archive as AsyncIterable<Buffer>) {
    cutter.write(chunk);
    if (!copy.destroyed && !copy.write(chunk)) await Promise.race([once(copy, 'drain').catch(() => undefined), closed]);
    await store();
  }
  copy.end();
  cutter.flush();
  await store();
}
