import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { passwordErrors } from './password-errors.ts';

const most = 128;
const field = { data: { field: 'password' } };

export interface PasswordPolicy {
  /**
   * 8 (or what was set) to 128 characters, none of the common ones, not the account's name; no rules of composition (NIST SP 800-63B,
   * OWASP ASVS 5 §6.2). Throws PASSWORD_TOO_SHORT, PASSWORD_TOO_LONG, PASSWORD_TOO_COMMON, PASSWORD_IS_NAME.
   */
  check(password: string, account: { readonly name: string }): void;
}

/** Reads the list of common passwords: those of eight characters and more, see common-passwords.md. `least`: characters, 8 by default. */
export async function openPasswordPolicy({ least = 8 }: { readonly least?: number } = {}): Promise<PasswordPolicy> {
  const list = await readFile(join(import.meta.dirname, 'common-passwords.txt'), 'utf8');
  const common = new Set(list.split('\n'));
  return {
    check: (password, { name }) => {
      const length = lengthOf(password);
      if (length < least) throw passwordErrors.PASSWORD_TOO_SHORT({ length, least }, field);
      if (length > most) throw passwordErrors.PASSWORD_TOO_LONG({ length, most }, field);
      const folded = fold(password);
      if (common.has(folded)) throw passwordErrors.PASSWORD_TOO_COMMON({}, field);
      if (isMadeOf(folded, fold(name))) throw passwordErrors.PASSWORD_IS_NAME({}, field);
    },
  };
}

/** Whether nobody can have this password, so that checking it is no use: it is longer than any that was ever accepted. */
export function exceedsPasswordLength(password: string): boolean {
  return lengthOf(password) > most;
}

/** In characters as people count them, more or less: code points after normalization. */
function lengthOf(password: string): number {
  return Array.from(password.normalize('NFKC')).length;
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** The name, itself repeated, or it with up to three characters around it (`alice123`). */
function isMadeOf(password: string, name: string): boolean {
  const rest = password.replaceAll(name, '');
  return rest !== password && Array.from(rest).length <= 3;
}
