import type { Resource } from '../../kubernetes/resources/kinds.ts';
import type { RunResult } from '../../kubernetes/run-result.ts';
import type { ControllerContext } from '../context.ts';
import { besideOf } from '../view.ts';
import { writeStatus } from '../write-status.ts';

/** Keeps what a run saw of a volume's space: whichever run was the last. */
export async function noteSpace(context: ControllerContext, run: Resource, repositoryName: string | undefined, space: RunResult['space'], signal: AbortSignal): Promise<void> {
  const key = besideOf(run.metadata, repositoryName);
  const repository = key && context.view.repositories.get(key);
  if (!repository || space === undefined) return;
  await writeStatus(context, 'BackupRepository', repository, (previous) => ({ ...previous, freeBytes: space.freeBytes, totalBytes: space.totalBytes }), { signal });
}
