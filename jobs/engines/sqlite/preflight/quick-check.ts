import { connect, isBusy, isDamage, isMissingFeature } from '../read/connection.ts';

const findingsAtMost = 10;

/** `sound`, what `PRAGMA quick_check` found, or why it could not look. */
export type QuickCheck = { readonly found: readonly string[] } | { readonly unchecked: string };

/**
 * Checks a database that may be in use: holds a read transaction and its thread all the while. Quick: every page and row, not
 * whether indexes hold what tables do. Call it in a process of its own.
 */
export function quickCheck(path: string): QuickCheck {
  const database = connect(path, 'read');
  try {
    const lines = database.prepare(`PRAGMA quick_check(${findingsAtMost})`).all().map((row) => String(row['quick_check']));
    return { found: lines.length === 1 && lines[0] === 'ok' ? [] : lines };
  } catch (error) {
    if (isDamage(error)) return { found: [(error as Error).message] };
    // An application's function or collation is not here, or a writer is in the way: neither says anything of the file.
    if (isMissingFeature(error) || isBusy(error)) return { unchecked: (error as Error).message };
    throw error;
  } finally {
    database.close();
  }
}
