import { statfs } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** Of the volume that a repository lies on, for who writes there. */
export interface RepositorySpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Undefined of a bucket, and where it cannot be found out: it is told beside a result, and must not be the reason of a failure. */
export async function repositorySpace(address: string | undefined): Promise<RepositorySpace | undefined> {
  if (!address?.startsWith('file:')) return undefined;
  try {
    const { bavail, blocks, bsize } = await statfs(fileURLToPath(address));
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return undefined;
  }
}
