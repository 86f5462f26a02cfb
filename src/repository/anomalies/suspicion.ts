import { fillText, type Text } from '../../operations/text.ts';
import { compareByTime, listBackupObjects, readHeads } from '../manifest/heads.ts';
import type { ManifestHead } from '../manifest/manifest.ts';
import { nameOf } from '../manifest/object-keys.ts';
import type { Repository } from '../repository.ts';
import { readAcceptances } from './acceptance.ts';
import { type Baseline, findAnomalies, findRewrite, mostCompared } from './judge.ts';

/** Heads read at once to find those to compare with; more where many of them are suspicious or damaged. */
const headsAtOnce = 2 * mostCompared;

const notAccepted: Text = {
  en: 'most of the content was rewritten in backup {backup}, and nobody has accepted that',
  zh: '备份 {backup} 中大部分内容被改写，且尚未被确认',
};

/** What is said of a backup that is far from those before it; empty of one that is not. */
export type Suspicions = Pick<ManifestHead, 'suspicious' | 'rewrittenIn'>;

/**
 * Why the backup that is about to be committed is far from the earlier ones of its source. Throws the store's errors. Damaged backups
 * are passed over, and what cannot be read of them.
 */
export async function findSuspicions(
  repository: Repository,
  backup: Pick<ManifestHead, 'source' | 'id' | 'engine' | 'sizes'>,
  { signal }: { readonly signal: AbortSignal },
): Promise<Suspicions> {
  const { baseline, rewrittenIn: earlier } = await readEarlier(repository, backup, signal);
  const rewrite = findRewrite(backup.sizes, baseline);
  const rewrittenIn = rewrite ? backup.id : earlier;
  // What was rewritten is new only once. The backups after it hold the same content, and nothing else would tell them from good ones.
  const inherited = rewrite === undefined && rewrittenIn !== undefined ? [fillText(notAccepted, { backup: rewrittenIn })] : [];
  const suspicious = [...findAnomalies(backup.sizes, baseline), ...(rewrite ? [rewrite] : []), ...inherited];
  return { ...(suspicious.length > 0 && { suspicious }), ...(rewrittenIn !== undefined && { rewrittenIn }) };
}

/**
 * The sizes of the newest backups that are not suspicious, newest first, back to the last one that a person accepted: what is
 * before it is no measure any more. And in which backup since the newest of them most of the content was rewritten.
 */
async function readEarlier(
  repository: Repository,
  { source, engine }: Pick<ManifestHead, 'source' | 'engine'>,
  signal: AbortSignal,
): Promise<{ readonly baseline: Baseline; readonly rewrittenIn: string | undefined }> {
  const objects = (await listBackupObjects(repository, 'backups', { source, signal })).filter(({ file }) => file === 'json');
  const newestFirst = objects.toSorted((one, other) => (one.id < other.id ? 1 : -1));
  const accepted = objects.length === 0 ? new Set<string>() : await readAcceptances(repository, { source, signal });
  const sizes: ManifestHead['sizes'][] = [];
  let rewrittenIn: string | undefined;
  for (let start = 0; start < newestFirst.length; start += headsAtOnce) {
    const heads = (await readHeads(repository, newestFirst.slice(start, start + headsAtOnce), { signal })).toSorted(compareByTime).toReversed();
    for (const stored of heads) {
      if (stored.state === 'damaged' || stored.head.engine !== engine) continue;
      const isAccepted = accepted.has(nameOf(stored));
      if (stored.head.suspicious && !isAccepted) {
        if (sizes.length === 0) rewrittenIn ??= stored.head.rewrittenIn;
        continue;
      }
      sizes.push(stored.head.sizes);
      if (isAccepted && stored.head.rewrittenIn === rewrittenIn) rewrittenIn = undefined;
      if (isAccepted || sizes.length === mostCompared) return { baseline: { sizes, isAccepted }, rewrittenIn };
    }
  }
  return { baseline: { sizes, isAccepted: false }, rewrittenIn };
}
