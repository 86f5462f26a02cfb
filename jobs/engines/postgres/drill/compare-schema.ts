import { Readable } from 'node:stream';
import { fillText, type Text } from '../../../../src/operations/text.ts';
import type { PartSource } from '../../../../src/repository/parts/parts.ts';
import type { DrillTally } from '../../drill-tally.ts';
import type { EngineContext } from '../../engine.ts';
import { toLibpqEnvironment } from '../connect/address.ts';
import { type ClientPrograms, runProgram } from '../connect/client-programs.ts';
import { type Definition, digestDefinitions, fingerprintOf } from '../read/schema-fingerprint.ts';
import type { BackupStreams } from '../write/backup-streams.ts';
import type { TargetSessions } from '../write/target-sessions.ts';

export interface CompareSchemaRequest {
  readonly backup: BackupStreams;
  readonly parts: PartSource;
  readonly programs: ClientPrograms;
  /** Of the throw-away server. */
  readonly serverMajor: number;
  readonly sessions: TargetSessions;
  readonly tally: DrillTally;
}

const notComparable = {
  en: 'The definitions were restored, but not compared word by word: they were written by PostgreSQL {source}, and {found} words some of them otherwise.',
  zh: '定义已恢复，但未逐字比较：它们由 PostgreSQL {source} 写出，而 {found} 对部分定义的写法不同。',
};

/**
 * Compares the restored database's definitions with the backup's fingerprint, and names the objects that differ. Only
 * where server and programs are of the versions that the backup was made with: others write the same definition otherwise.
 */
export async function compareSchema(context: EngineContext, request: CompareSchemaRequest): Promise<Text[]> {
  const { backup, programs, serverMajor, tally } = request;
  const source = Math.floor(backup.details.serverVersion / 10_000);
  const archive = Number.parseInt(backup.definitions.details.programVersion, 10);
  if (serverMajor !== source || programs.majorVersion !== archive) {
    return [fillText(notComparable, { source: `${source} (pg_dump ${archive})`, found: `${serverMajor} (pg_dump ${programs.majorVersion})` })];
  }
  const found = await dumpDefinitions(context, request);
  tally.compared('schema', found.length);
  if (fingerprintOf(found) === backup.details.schemaFingerprint) return [];
  const expected = await listDefinitions(context, request, Readable.from(request.parts.readAll(backup.definitions.slices)));
  const differences = [...compare(expected, found)];
  for (const { name, side } of differences) tally.differs({ check: 'schema', object: name, ...sides[side] });
  if (differences.length === 0) {
    tally.differs({ check: 'schema', object: 'all definitions', expected: `fingerprint ${backup.details.schemaFingerprint}`, found: `fingerprint ${fingerprintOf(found)}` });
  }
  return [];
}

const sides = {
  expected: { expected: 'a definition as in the backup', found: 'none like it' },
  found: { expected: 'nothing', found: 'a definition that the backup does not have' },
} as const;

/** What only one side has: an object that was changed is on both, each time with its own definition. */
function* compare(expected: readonly Definition[], found: readonly Definition[]): Generator<{ name: string; side: keyof typeof sides }> {
  const [expectedKeys, foundKeys] = [new Set(expected.map(keyOf)), new Set(found.map(keyOf))];
  const expectedNames = new Set<string>();
  for (const definition of expected) {
    if (foundKeys.has(keyOf(definition))) continue;
    expectedNames.add(definition.name);
    yield { name: definition.name, side: 'expected' };
  }
  for (const definition of found) {
    if (!expectedKeys.has(keyOf(definition)) && !expectedNames.has(definition.name)) yield { name: definition.name, side: 'found' };
  }
}

function keyOf({ name, digest }: Definition): string {
  return `${digest} ${name}`;
}

/** The same way as at the backup, pg_dump's archive through pg_restore, but without large objects. */
async function dumpDefinitions(context: EngineContext, request: CompareSchemaRequest): Promise<Definition[]> {
  const { programs, sessions } = request;
  let definitions: Definition[] = [];
  await runProgram(programs.pgDump, ['--format=custom', '--compress=0', '--schema-only', '--no-password'], {
    env: toLibpqEnvironment(sessions.address, sessions.environment),
    signal: context.signal,
    output: async (archive) => {
      definitions = await listDefinitions(context, request, archive);
    },
  });
  return definitions;
}

async function listDefinitions({ signal }: EngineContext, { programs, sessions }: CompareSchemaRequest, archive: Readable): Promise<Definition[]> {
  const definitions: Definition[] = [];
  await runProgram(programs.pgRestore, ['--schema-only', '--file=-'], {
    env: toLibpqEnvironment(sessions.address, sessions.environment),
    signal,
    input: archive,
    output: async (sql) => {
      for await (const definition of digestDefinitions(sql)) definitions.push(definition);
    },
  });
  return definitions;
}
