import { getSystemErrorMessage } from 'node:util';
import { codeOf, HoldfastError } from '../../operations/errors.ts';
import { storeErrors } from './store.ts';

const full = new Set(['ENOSPC', 'EDQUOT']);
const refused = new Set(['EACCES', 'EPERM', 'EROFS', 'ELOOP', 'ENOTDIR']);
const transient = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'EINTR', 'EBUSY', 'ESTALE']);

/** Whether the same call on the same file system may pass a moment later. */
export function isTransient(error: unknown): boolean {
  return transient.has(codeOf(error) ?? '');
}

/** A file system's failure as an error of the store. Errors that are ours already pass through. */
export function directoryError(
  error: unknown,
  { store, operation, key }: { readonly store: string; readonly operation: string; readonly key: string },
): unknown {
  const code = codeOf(error);
  if (error instanceof HoldfastError || code === undefined) return error;
  if (full.has(code)) return storeErrors.STORE_FULL({ store, key }, { cause: error });
  const values = { store, operation, key, reason: reasonOf(error, code) };
  return refused.has(code)
    ? storeErrors.STORE_REFUSED(values, { cause: error })
    : storeErrors.STORE_FAILED(values, { cause: error });
}

function reasonOf(error: unknown, code: string): string {
  const { errno } = error as NodeJS.ErrnoException;
  return errno === undefined ? code : `${getSystemErrorMessage(errno)} (${code})`;
}
