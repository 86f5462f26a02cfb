import { mapConcurrently } from '../concurrency.ts';
import { readsAtOnce, type StoredHead } from '../manifest/heads.ts';
import { nameOf } from '../manifest/object-keys.ts';
import type { Repository } from '../repository.ts';
import type { DrillDocument } from './drill-document.ts';
import { findLastDrill, listDrillObjects } from './read-drills.ts';

/** What the drills of a backup have shown last. */
export interface DrillVerdict {
  readonly outcome: 'passed' | 'failed';
  readonly drill: string;
  /** When that drill ended, ISO 8601. */
  readonly at: string;
  /** What the restore took, in milliseconds; absent where it did not come to an end. */
  readonly restoreMs?: number;
}

/**
 * Of each sound backup that was drilled the verdict, by `source/id`: the last report that is not damaged and that says
 * anything of the backup decides; a drill that could not run changes nothing. One listing, and of each drilled backup about one report.
 */
export async function readVerdicts(
  repository: Repository,
  heads: readonly StoredHead[],
  { source, signal }: { readonly source?: string | undefined; readonly signal: AbortSignal },
): Promise<Map<string, DrillVerdict>> {
  const drilled = Map.groupBy(await listDrillObjects(repository, { source, signal }), nameOf);
  const verdicts = new Map<string, DrillVerdict>();
  await mapConcurrently(heads, { limit: readsAtOnce, signal }, async (stored) => {
    if (stored.state === 'damaged') return;
    const objects = drilled.get(nameOf(stored)) ?? [];
    const last = await findLastDrill(repository, stored.head, { objects, accepts: ({ outcome }) => outcome !== 'could-not-run', signal });
    if (last) verdicts.set(nameOf(stored), toVerdict(last));
  });
  return verdicts;
}

/** `document` is of a drill that passed or failed. */
function toVerdict({ outcome, drill, finishedAt, measures }: DrillDocument): DrillVerdict {
  return { outcome: outcome === 'passed' ? 'passed' : 'failed', drill, at: finishedAt, ...(measures && { restoreMs: measures.restoreMs }) };
}
