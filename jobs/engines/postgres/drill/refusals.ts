import { codeOf, HoldfastError } from '../../../../src/operations/errors.ts';
import { sqlStateOf } from '../postgres-errors.ts';
import type { ThrowawayServer } from './throwaway-server.ts';

/**
 * SQLSTATE classes that say what this server lacks, not what is wrong with the backup: what it was not built or configured
 * for, resources, files, its own errors; and values (22023) such as locales that it does not know.
 */
const environmental = /^(?:0A|53|55|58|F0|XX)|^22023$/;
/** Connections that ended and statements that were cancelled: what follows when something else fails. */
const consequential = /^(?:08|57)/;

/**
 * Whether the server refused the backup's own statements, as any server would: such a backup cannot be restored as it
 * is. A server that ran out of something, or lacks a library, says nothing of the backup.
 */
export async function isRefusedContent(error: unknown, server: ThrowawayServer): Promise<boolean> {
  if (!(error instanceof HoldfastError)) return false;
  const states = (await statesOf(error, server)).filter((state) => !consequential.test(state));
  return states.length > 0 && !states.some((state) => environmental.test(state));
}

async function statesOf(error: HoldfastError, server: ThrowawayServer): Promise<readonly string[]> {
  if (codeOf(error) === 'RESTORE_TARGET_REFUSED') return [sqlStateOf(error.cause)].filter((state) => state !== undefined);
  // pg_restore repeats the server's words, but not the code: the server's log has it.
  return codeOf(error) === 'POSTGRES_PROGRAM_FAILED' ? server.takeFailures() : [];
}
