import { createHash, type Hash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { Client } from 'pg';
import type { PartSource } from '../../../../src/repository/parts/parts.ts';
import type { DrillTally } from '../../drill-tally.ts';
import type { EngineContext } from '../../engine.ts';
import { toLibpqEnvironment } from '../connect/address.ts';
import { type ClientPrograms, runProgram } from '../connect/client-programs.ts';
import type { BackupStreams } from '../write/backup-streams.ts';
import { type TargetSessions, withSession } from '../write/target-sessions.ts';

export interface CompareLargeObjectsRequest {
  readonly backup: BackupStreams;
  readonly parts: PartSource;
  readonly programs: ClientPrograms;
  readonly sessions: TargetSessions;
  readonly tally: DrillTally;
}

/** Compares the number of large objects, and each one's content with what the archive of definitions holds. */
export async function compareLargeObjects(context: EngineContext, request: CompareLargeObjectsRequest): Promise<void> {
  const { backup, parts, programs, sessions, tally } = request;
  const expected = backup.details.largeObjects;
  tally.compared('large-objects', expected);
  if (expected === 0) return;
  await withSession(context, sessions, async (client) => {
    const { rows } = await client.query<{ count: string }>('SELECT pg_catalog.count(*) AS count FROM pg_catalog.pg_largeobject_metadata');
    if (Number(rows[0]?.count) !== expected) tally.differs({ check: 'large-objects', object: 'all large objects', expected: String(expected), found: String(rows[0]?.count) });
    let read = 0;
    await runProgram(programs.pgRestore, ['--section=data', '--file=-'], {
      env: toLibpqEnvironment(sessions.address, sessions.environment),
      signal: context.signal,
      input: Readable.from(parts.readAll(backup.definitions.slices)),
      output: async (script) => {
        for await (const { oid, size, digest } of readLargeObjects(script)) {
          context.progress.advance(size);
          read += 1;
          const found = await digestLargeObject(client, oid);
          if (found.digest === digest) continue;
          tally.differs({ check: 'large-objects', object: `large object ${oid}`, expected: `${size} bytes, SHA-256 ${digest}`, found: found.size === undefined ? 'none' : `${found.size} bytes, SHA-256 ${found.digest}` });
        }
      },
    });
    // Whatever was not found in the archive was not compared.
    if (read !== expected) tally.differs({ check: 'large-objects', object: 'the archive of definitions', expected: `${expected} large objects`, found: String(read) });
  });
}

interface LargeObject {
  readonly oid: string;
  readonly size: number;
  readonly digest: string;
}

const opening = /^SELECT pg_catalog\.lo_open\('(\d+)'/;
const writing = /^SELECT pg_catalog\.lowrite\(0, '\\x([0-9a-f]*)'\);$/;

/** Large objects as pg_restore writes them: opened, written in pieces of some kilobytes, closed. */
async function* readLargeObjects(script: Readable): AsyncGenerator<LargeObject> {
  let open: { readonly oid: string; readonly hash: Hash; size: number } | undefined;
  for await (const line of createInterface({ input: script, crlfDelay: Infinity })) {
    const oid = opening.exec(line)?.[1];
    if (oid !== undefined) open = { oid, hash: createHash('sha256'), size: 0 };
    const piece = writing.exec(line)?.[1];
    if (piece !== undefined && open !== undefined) {
      open.hash.update(piece, 'hex');
      open.size += piece.length / 2;
    }
    if (line.startsWith('SELECT pg_catalog.lo_close(') && open !== undefined) {
      yield { oid: open.oid, size: open.size, digest: open.hash.digest('hex') };
      open = undefined;
    }
  }
}

/** Bytes of a large object that are read at once. */
const pieceBytes = 4 * 1024 * 1024;

async function digestLargeObject(client: Client, oid: string): Promise<{ size: number | undefined; digest: string }> {
  const { rows: known } = await client.query('SELECT FROM pg_catalog.pg_largeobject_metadata WHERE oid = $1', [oid]);
  if (known.length === 0) return { size: undefined, digest: '' };
  const hash = createHash('sha256');
  for (let size = 0; ; ) {
    const { rows } = await client.query<{ piece: Buffer }>('SELECT pg_catalog.lo_get($1::oid, $2::bigint, $3) AS piece', [oid, size, pieceBytes]);
    const piece = rows[0]?.piece ?? Buffer.alloc(0);
    hash.update(piece);
    size += piece.length;
    if (piece.length < pieceBytes) return { size, digest: hash.digest('hex') };
  }
}
