import { createHash } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { PartSink } from '../../../../src/repository/parts/parts.ts';
import type { DraftStream } from '../../engine.ts';
import { toConnectionString } from '../connect/address.ts';
import { type ClientPrograms, runProgram } from '../connect/client-programs.ts';
import { writePart } from './read-rows.ts';

interface GlobalsOptions {
  readonly programs: ClientPrograms;
  readonly env: Record<string, string>;
  readonly database: string;
  /** With the roles' password hashes: needs a superuser. */
  readonly rolePasswords: boolean;
  readonly sink: PartSink;
  readonly signal: AbortSignal;
}

/** Reads roles and tablespaces of the whole server by pg_dumpall. Throws POSTGRES_PROGRAM_FAILED. */
export async function readGlobals({ programs, env, database, rolePasswords, sink, signal }: GlobalsOptions): Promise<DraftStream> {
  let sql = '';
  const args = ['--globals-only', `--database=${toConnectionString(database)}`, '--no-password', ...(rolePasswords ? [] : ['--no-role-passwords'])];
  await runProgram(programs.pgDumpall, args, {
    env,
    signal,
    output: async (stdout) => {
      sql = await text(stdout);
    },
  });
  const slice = await writePart(sink, { raw: Buffer.from(withStableKey(sql)), rows: 0 });
  return { kind: 'globals', details: {}, rows: 0, bytes: slice.raw, slices: [{ part: slice.part, raw: slice.raw }] };
}

/**
 * Replaces the random key of psql's `\restrict` by a hash of the rest: equal globals are equal bytes, and nobody who
 * writes the rest can foresee the key and leave the restricted mode.
 */
function withStableKey(sql: string): string {
  const key = /^\\restrict (\w+)$/m.exec(sql)?.[1];
  if (key === undefined) return sql;
  const rest = sql.replaceAll(key, '');
  return sql.replaceAll(key, createHash('sha256').update(rest).digest('hex').slice(0, 48));
}
