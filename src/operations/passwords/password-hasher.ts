import type { Waiting } from '../sessions/session-store.ts';
import { passwordErrors } from './password-errors.ts';
import { hashPassword, type PasswordScheme, preferredScheme, verifyPassword } from './password-hash.ts';

export interface PasswordHasherOptions {
  /** Derivations at a time; each takes a thread and the scheme's memory. Default 2: half of libuv's threads stay free. */
  readonly concurrency?: number;
  /** Calls that may wait for their turn; more are refused. Default 32, some two seconds' work. */
  readonly queue?: number;
  readonly scheme?: PasswordScheme;
}

export interface PasswordHasher {
  /** Throws PASSWORD_CHECKS_BUSY. */
  hash(password: string, waiting: Waiting): Promise<string>;
  /**
   * Whether the password is the one that was hashed. Without a hash (no such account) it takes as long and says no.
   * `outdated`: hash again while the password is at hand. Throws PASSWORD_CHECKS_BUSY.
   */
  verify(password: string, encoded: string | undefined, waiting: Waiting): Promise<{ valid: boolean; outdated: boolean }>;
}

/**
 * Hashes and verifies passwords, a few at a time: a flood of sign-ins neither takes all memory nor keeps the threads
 * from files and name look-ups; what exceeds the queue is refused at once.
 */
export function createPasswordHasher({ concurrency = 2, queue = 32, scheme = preferredScheme() }: PasswordHasherOptions = {}): PasswordHasher {
  let running = 0;
  const waiters: (() => void)[] = [];
  let decoy: Promise<string> | undefined;

  const inTurn = async <Result>(work: () => Promise<Result>, { signal }: Waiting): Promise<Result> => {
    signal.throwIfAborted();
    if (running >= concurrency) await waitForTurn(waiters, queue, signal);
    else running += 1;
    try {
      return await work();
    } finally {
      // The turn passes on; `running` stays as it is.
      const next = waiters.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };

  return {
    hash: async (password, waiting) => inTurn(async () => hashPassword(password, scheme), waiting),
    verify: async (password, encoded, waiting) =>
      inTurn(async () => {
        if (encoded !== undefined) return verifyPassword(password, encoded, scheme);
        decoy ??= hashPassword('', scheme);
        await verifyPassword(password, await decoy, scheme);
        return { valid: false, outdated: false };
      }, waiting),
  };
}

async function waitForTurn(waiters: (() => void)[], limit: number, signal: AbortSignal): Promise<void> {
  if (waiters.length >= limit) throw passwordErrors.PASSWORD_CHECKS_BUSY({});
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      waiters.splice(waiters.indexOf(begin), 1);
      reject(signal.reason as Error);
    };
    const begin = (): void => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    };
    waiters.push(begin);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
