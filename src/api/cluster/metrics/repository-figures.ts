import type { Kept } from '../kept.ts';
import { type Figure, timestamp } from './figures.ts';

/** What is measured of a repository. By namespace and repository. */
export const repositoryFigures: readonly Figure<Kept<'BackupRepository'>>[] = [
  { name: 'holdfast_repository_ready', help: '1 where the repository was reached, and its keys fitted, when it was last asked.', of: condition('Ready') },
  { name: 'holdfast_repository_whole', help: '1 where the last verify run found nothing missing or damaged.', of: condition('Whole') },
  { name: 'holdfast_repository_free_bytes', help: 'Free space of the volume, as the last run saw it.', of: ({ status }) => status?.freeBytes },
  { name: 'holdfast_repository_total_bytes', help: 'Size of the volume, as the last run saw it.', of: ({ status }) => status?.totalBytes },
  { name: 'holdfast_repository_last_prune_timestamp_seconds', help: 'When prune succeeded last.', of: ({ status }) => timestamp(status?.lastPruneTime) },
  { name: 'holdfast_repository_last_verify_timestamp_seconds', help: 'When verify ended last, whatever it found.', of: ({ status }) => timestamp(status?.lastVerifyTime) },
];

function condition(type: string): (repository: Kept<'BackupRepository'>) => number | undefined {
  return ({ status }) => {
    const holds = status?.conditions?.find((each) => each.type === type)?.status;
    return holds === 'True' ? 1 : holds === 'False' ? 0 : undefined;
  };
}
