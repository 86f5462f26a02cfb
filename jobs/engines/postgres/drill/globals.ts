import type { Stream } from '../../../../src/repository/manifest/manifest.ts';
import type { PartSource } from '../../../../src/repository/parts/parts.ts';
import { splitStatements } from '../../split-statements.ts';

const name = String.raw`("(?:[^"]|"")*"|[^\s;]+)`;
const tablespace = new RegExp(String.raw`^CREATE TABLESPACE ${name} OWNER ${name} LOCATION E?'.*'$`, 's');
const inDatabase = new RegExp(`^ALTER ROLE ${name} IN DATABASE `);
const grantedBy = new RegExp(` GRANTED BY ${name}$`);

/** One statement of pg_dumpall's, as far as a drill runs and compares it. */
export interface GlobalStatement {
  /** Runs on any server: nothing in it belongs to one machine. */
  readonly text: string;
  /** What it makes or changes, for people; without passwords. */
  readonly subject: string;
  /** Its text, quoted as in SQL, where it makes a tablespace. */
  readonly tablespace?: string;
  /** A role's setting: a server may not know it. */
  readonly isSetting: boolean;
}

/**
 * The statements that make a server's roles and tablespaces, from pg_dumpall's SQL text. Left out are settings of roles in
 * single databases, which come back with the database, and by whom a role was granted: on a new server that is another.
 */
export function readGlobalStatements(sql: string): GlobalStatement[] {
  const statements = splitStatements(sql.replace(/^\\(?:un)?restrict .*$/gm, ''), 'postgres');
  return statements
    .map(({ text }) => text)
    .filter((text) => !text.startsWith('SET ') && !inDatabase.test(text))
    .map((text) => {
      const [, space, owner] = tablespace.exec(text) ?? [];
      const statement = space === undefined ? text.replace(grantedBy, '') : `CREATE TABLESPACE ${space} OWNER ${owner} LOCATION `;
      return {
        text: statement,
        subject: statement.replace(/ PASSWORD (?:E'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*')/s, " PASSWORD '…'"),
        ...(space !== undefined && { tablespace: space }),
        isSetting: /^ALTER ROLE \S.* SET /s.test(text),
      };
    });
}

export async function readGlobals(stream: Stream, parts: PartSource): Promise<GlobalStatement[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of parts.readAll(stream.slices)) chunks.push(chunk);
  return readGlobalStatements(Buffer.concat(chunks).toString('utf8'));
}
