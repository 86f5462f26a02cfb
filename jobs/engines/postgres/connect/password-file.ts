import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../../../../src/operations/configuration.ts';
import type { PostgresAddress, PostgresHost } from './address.ts';

/**
 * The password that libpq's password file (PGPASSFILE, or ~/.pgpass) gives for an address, if there is one. As libpq
 * does, a file that others may read is not used.
 * https://www.postgresql.org/docs/current/libpq-pgpass.html
 */
export async function findPasswordInFile(address: PostgresAddress, host: PostgresHost, environment: Environment): Promise<string | undefined> {
  const path = environment['PGPASSFILE'] || join(environment['HOME'] || homedir(), '.pgpass');
  const status = await stat(path).catch(() => undefined);
  if (!status?.isFile() || (process.platform !== 'win32' && (status.mode & 0o077) !== 0)) return undefined;
  const content = await readFile(path, 'utf8').catch(() => '');
  // libpq writes a socket in its default folder as localhost, too.
  const hosts = host.host.startsWith('/') ? [host.host, 'localhost'] : [host.host];
  for (const line of content.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const fields = splitFields(line);
    const [fileHost, port, database, user, password] = fields;
    if (fileHost === undefined || port === undefined || database === undefined || user === undefined || password === undefined) continue;
    const matches =
      (fileHost === '*' || hosts.includes(fileHost)) &&
      (port === '*' || port === String(host.port)) &&
      (database === '*' || database === address.database) &&
      (user === '*' || user === address.user);
    if (matches) return password;
  }
  return undefined;
}

/** Five fields by `:`; a backslash takes the next character as it is. The last field keeps its colons. */
function splitFields(line: string): string[] {
  const fields = [''];
  for (let index = 0; index < line.length; index += 1) {
    const character = line[index] as string;
    if (character === '\\' && index + 1 < line.length) {
      index += 1;
      fields[fields.length - 1] += line[index] as string;
    } else if (character === ':' && fields.length < 5) {
      fields.push('');
    } else {
      fields[fields.length - 1] += character;
    }
  }
  return fields;
}
