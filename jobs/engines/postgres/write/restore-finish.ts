import { fillText, type Text } from '../../../../src/operations/text.ts';
import type { EngineContext } from '../../engine.ts';
import { sourceErrors } from '../../source-errors.ts';
import { reasonOf, sqlStateOf } from '../postgres-errors.ts';
import { type TargetSessions, withSession } from './target-sessions.ts';

const notRefreshed = {
  en: 'The materialized view {view} could not be refreshed and is not populated: {reason}.',
  zh: '物化视图 {view} 无法刷新，未填充数据：{reason}。',
};

/**
 * Refreshes materialized views, in an order in which each finds what it reads; what a view reads inside functions no
 * catalog tells, so those that fail are tried again as long as others succeed. One that the server cannot compute (a
 * foreign server that is not there, a function that relies on a search path) stays unpopulated and is named in the
 * warnings: what it would hold is in no backup, and everything else is restored.
 */
export async function refreshMaterializedViews(context: EngineContext, sessions: TargetSessions, names: readonly string[]): Promise<Text[]> {
  if (names.length === 0) return [];
  context.progress.phase('refreshing');
  return withSession(context, sessions, async (client) => {
    for (let left = names; ; ) {
      const failed: { readonly name: string; readonly error: unknown }[] = [];
      for (const name of left) {
        try {
          await client.query(`REFRESH MATERIALIZED VIEW ${name}`);
        } catch (error) {
          if (sqlStateOf(error) === undefined || context.signal.aborted) throw error;
          failed.push({ name, error });
        }
      }
      if (failed.length === 0 || failed.length === left.length) return failed.map(({ name, error }) => fillText(notRefreshed, { view: name, reason: reasonOf(error) }));
      left = failed.map(({ name }) => name);
    }
  });
}

/** Compares what the server now has with what the backup promises. Throws RESTORE_CONTENT_DIFFERS. */
export async function checkLargeObjects(context: EngineContext, sessions: TargetSessions, expected: number): Promise<void> {
  const found = await withSession(context, sessions, async (client) => {
    const { rows } = await client.query<{ count: string }>('SELECT pg_catalog.count(*) AS count FROM pg_catalog.pg_largeobject_metadata');
    return Number(rows[0]?.count);
  });
  if (found !== expected) throw sourceErrors.RESTORE_CONTENT_DIFFERS({ target: sessions.shown, difference: `${found} large objects instead of ${expected}` });
}
