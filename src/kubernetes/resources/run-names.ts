import { randomInt } from 'node:crypto';

const letters = 'bcdfghjkmnpqrstvwxz23456789';
const mostOfBase = 36;

/**
 * A name for a run that somebody asks for: `shop-20260116180445-x7kq`, of what it is about and when. 63 characters at most, as it becomes
 * a label's value; what is no letter, digit or dash of `base` is left out.
 */
export function newRunName(base: string, now: Date): string {
  const readable = base.toLowerCase().replace(/[^a-z0-9-]+/g, '-').slice(0, mostOfBase).replace(/^-+|-+$/g, '') || 'run';
  const time = now.toISOString().replace(/\D/g, '').slice(0, 14);
  const random = Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('');
  return `${readable}-${time}-${random}`;
}
