import { text } from 'node:stream/consumers';
import type { DrillTally } from '../../drill-tally.ts';
import type { EngineContext } from '../../engine.ts';
import { parsePostgresAddress, toConnectionString, toLibpqEnvironment } from '../connect/address.ts';
import { type ClientPrograms, runProgram } from '../connect/client-programs.ts';
import { type GlobalStatement, readGlobalStatements } from './globals.ts';
import type { ThrowawayServer } from './throwaway-server.ts';

export interface CompareGlobalsRequest {
  readonly globals: readonly GlobalStatement[];
  /** Those that the server did not take: told already. */
  readonly refused: ReadonlySet<GlobalStatement>;
  readonly programs: ClientPrograms;
  readonly server: ThrowawayServer;
  /** Whether server and programs are of the versions that wrote the globals: others write the same role otherwise. */
  readonly isSameVersion: boolean;
  readonly tally: DrillTally;
}

/** Compares the server's roles, memberships and tablespaces with the backup's, statement by statement of pg_dumpall's. */
export async function compareGlobals({ signal }: EngineContext, { globals, refused, programs, server, isSameVersion, tally }: CompareGlobalsRequest): Promise<void> {
  let sql = '';
  const database = 'postgres';
  await runProgram(programs.pgDumpall, ['--globals-only', `--database=${toConnectionString(database)}`, '--no-password'], {
    env: toLibpqEnvironment(parsePostgresAddress(server.addressOf(database), server.environment), server.environment),
    signal,
    output: async (stdout) => {
      sql = await text(stdout);
    },
  });
  const found = new Set(readGlobalStatements(sql).map((statement) => statement.text));
  const expected = isSameVersion ? globals : globals.filter((statement) => /^CREATE (ROLE|TABLESPACE) /.test(statement.text));
  tally.compared('globals', expected.length);
  for (const statement of expected) {
    if (refused.has(statement) || found.has(statement.text)) continue;
    tally.differs({ check: 'globals', object: statement.subject, expected: 'a role or tablespace like this', found: 'none like it' });
  }
}
