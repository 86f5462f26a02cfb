import type { Environment } from '../configuration.ts';
import { isSensitive } from './scrub.ts';

/** The secrets that an environment holds: values of variables named like one, and passwords inside of addresses. */
export function secretsOf(environment: Environment): string[] {
  return Object.entries(environment).flatMap(([name, value]) => {
    if (!value) return [];
    const password = /^[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:(\S+)@/i.exec(value)?.[1];
    const inside = password === undefined ? [] : [password, decoded(password)];
    return isSensitive(name) && !name.endsWith('_FILE') ? [value, ...inside] : inside;
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
