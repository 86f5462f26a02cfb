import { writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { type ClientPrograms, runProgram } from '../connect/client-programs.ts';

/** Files that say to `pg_restore --use-list` what to restore. */
export interface PostDataLists {
  readonly othersFirst: string;
  readonly eventTriggers: string;
}

/** An entry of pg_restore's list: number, catalog, oid, kind, schema or `-`, name, owner. */
const eventTrigger = /^\d+; \d+ \d+ (EVENT TRIGGER|(COMMENT|SECURITY LABEL) - EVENT TRIGGER) /;

/**
 * Separates an archive's event triggers from all else behind the data, in lists beside the archive; undefined where it
 * has none. They have to come last: refreshing a materialized view is a command that they see, and write down in tables
 * or refuse.
 */
export async function listEventTriggers(
  { signal }: { readonly signal: AbortSignal },
  { programs, archive, env }: { readonly programs: ClientPrograms; readonly archive: string; readonly env: Record<string, string> },
): Promise<PostDataLists | undefined> {
  let entries: string[] = [];
  await runProgram(programs.pgRestore, ['--list', archive], {
    env,
    signal,
    output: async (stdout) => {
      entries = (await text(stdout)).split('\n').filter((line) => /^\d/.test(line));
    },
  });
  const found = entries.filter((line) => eventTrigger.test(line));
  if (found.length === 0) return undefined;
  const lists = { othersFirst: `${archive}.others-first`, eventTriggers: `${archive}.event-triggers` };
  await writeFile(lists.othersFirst, `${entries.filter((line) => !eventTrigger.test(line)).join('\n')}\n`, { mode: 0o600 });
  await writeFile(lists.eventTriggers, `${found.join('\n')}\n`, { mode: 0o600 });
  return lists;
}
