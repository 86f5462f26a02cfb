import { basename, dirname, extname } from 'node:path';
import { sourceErrors } from '../source-errors.ts';

const prefix = 'sqlite://';

/**
 * The file that `sqlite:///absolute/path` names. Percent escapes are decoded, so `?`, `#` and `%` are written as escapes.
 * Throws SOURCE_ADDRESS_INVALID.
 */
export function parseAddress(address: string): string {
  const refuse = (reason: string): never => {
    // What stands before an @ may be a password, meant for another kind of address.
    throw sourceErrors.SOURCE_ADDRESS_INVALID({ source: address.startsWith(`${prefix}/`) ? address : address.replace(/^(sqlite:(?:\/\/)?)?.*@/s, '$1…@'), reason });
  };
  if (!address.startsWith(prefix)) return refuse('it does not start with sqlite://');
  const encoded = address.slice(prefix.length);
  if (!encoded.startsWith('/')) return refuse('the path is not absolute: three slashes start it');
  if (/[?#]/.test(encoded)) return refuse('it has a query or a fragment; write ? as %3F and # as %23 in a path');
  const path = decodePath(encoded);
  if (path === undefined) return refuse('a percent sign in a path is written as %25');
  if (path.includes('\0')) return refuse('the path holds a zero byte');
  if (path.endsWith('/')) return refuse('it names a directory, not a file');
  return path;
}

function decodePath(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

/** The address of a file, readable and such that `parseAddress` gives the path back. */
export function formatAddress(path: string): string {
  // oxlint-disable-next-line no-control-regex -- a line break in a file's name must not break a log line
  return prefix + path.replace(/[%?#\u0000-\u0020\u007f]/g, (character) => encodeURIComponent(character));
}

const databaseExtensions = new Set(['.db', '.db3', '.sqlite', '.sqlite3']);

/** A source name made of the file's name: `sqlite:///var/data/App.db` → `app`. The directory's where the file's gives none. */
export function defaultName(address: string): string {
  const path = parseAddress(address);
  const extension = extname(path);
  const stem = basename(path, databaseExtensions.has(extension.toLowerCase()) ? extension : '');
  return toSourceName(stem) || toSourceName(basename(dirname(path))) || 'database';
}

function toSourceName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 63)
    .replace(/-+$/, '');
}

/** Where a restore without a target goes: `sqlite:///var/data/app.db` → `sqlite:///var/data/app.<backup>.db`. */
export function besideSource(source: string, backupId: string): string {
  const path = parseAddress(source);
  const extension = extname(path);
  return formatAddress(`${path.slice(0, path.length - extension.length)}.${backupId}${extension}`);
}
