import { accountErrors } from './account-errors.ts';

/** Letters and digits of any script; what stands in addresses and tool names; nothing invisible. */
const form = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._@+-]{0,63}$/u;

/** The name as it is kept and shown. Throws ACCOUNT_NAME_INVALID. */
export function checkAccountName(text: string): string {
  const name = text.normalize('NFKC');
  if (!form.test(name)) throw accountErrors.ACCOUNT_NAME_INVALID({}, { data: { field: 'name' } });
  return name;
}

/** What two names share when they differ only in case or form; nothing for a text that no account can be called. */
export function accountNameKey(text: string): string | undefined {
  const name = text.normalize('NFKC');
  return form.test(name) ? name.toLowerCase() : undefined;
}
