import { HoldfastError } from '../operations/errors.ts';
import type { Finding } from './conditions.ts';

/** What keeps an object from its work, as a condition that does not hold: `REPOSITORY_MISSING` becomes the reason `RepositoryMissing`. */
export function hindrance(type: string, error: HoldfastError): Finding {
  return { type, status: 'False', reason: reasonOf(error.code), message: `${error.message}. ${error.hint}` };
}

/** A code as conditions and events write reasons. */
export function reasonOf(code: string): string {
  return code.toLowerCase().replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** A failure that trying again does not mend: it is shown to people instead. Others are the queue's. */
export function isForPeople(error: unknown): error is HoldfastError {
  return error instanceof HoldfastError && !error.retryable && error.category !== 'internal';
}
