import { forEachConcurrently } from '../concurrency.ts';
import { partKey } from '../encoding/part-encoding.ts';
import { nameOf } from '../manifest/object-keys.ts';
import type { Repository } from '../repository.ts';
import { readAllHeads } from './check-heads.ts';
import { visitPartsOf } from './check-manifest.ts';
import type { Finding, Findings } from './finding.ts';

/** Few at once: decoded references take 75 bytes a part. */
const referencesAtOnce = 3;

/**
 * Names the backups that list a part with a finding, in the whole repository. Leaves out what touches no backup any more:
 * a prune that ran meanwhile has deleted it with the last backup that needed it.
 */
export async function nameTouchedBackups(
  { repository, canRead, signal }: { readonly repository: Repository; readonly canRead: boolean; readonly signal: AbortSignal },
  findings: Findings,
): Promise<{ readonly findings: readonly Finding[]; readonly found: number }> {
  if (findings.total === 0) return { findings: [], found: 0 };
  const { heads } = await readAllHeads(repository, { signal });
  const present = new Set(heads.map(nameOf));
  const touched = new Map<string, Set<string>>(findings.kept.filter(({ kind }) => kind === 'part').map(({ object }) => [object, new Set()]));
  const sound = touched.size === 0 ? [] : heads.filter((head) => head.state === 'ok');
  await forEachConcurrently(sound, { limit: referencesAtOnce, signal }, async ({ head }) => {
    await visitPartsOf({ repository, canRead, signal }, head, (name, encoding) => touched.get(partKey(name, encoding))?.add(nameOf(head)));
  });
  const named = findings.kept.map((finding) => ({ ...finding, backups: [...(touched.get(finding.object) ?? finding.backups.filter((name) => present.has(name)))].toSorted() }));
  const current = named.filter(({ backups, kind }) => backups.length > 0 || kind === 'hold' || kind === 'acceptance');
  const sorted = current.toSorted((one, other) => (one.object < other.object ? -1 : 1));
  return { findings: sorted, found: findings.total - (named.length - current.length) };
}
