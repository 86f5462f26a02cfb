import { HoldfastError } from '../../../src/operations/errors.ts';

/** The HoldfastError that `work` throws or rejects with. Fails on any other outcome. */
export async function caught(work: () => unknown): Promise<HoldfastError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof HoldfastError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
