import { randomBytes } from 'node:crypto';

/** PostgreSQL cuts longer names off (NAMEDATALEN - 1), in bytes. */
const longestName = 63;

/** The name that a database has while it is being restored: `shop_restoring_1a2b3c`. */
export function restoringName(target: string): string {
  return withSuffix(target, `_restoring_${randomBytes(3).toString('hex')}`);
}

/** The name under which a replaced database stays: `shop_before_20260116T180445Z`, in UTC. */
export function previousName(target: string, now: Date): string {
  return withSuffix(target, `_before_${now.toISOString().replace(/[-:]|\.\d+/g, '')}`);
}

/** Appends to a name, which is shortened by whole characters where both would be too long. */
export function withSuffix(name: string, suffix: string): string {
  const characters = Array.from(name);
  while (Buffer.byteLength(characters.join('')) + suffix.length > longestName) characters.pop();
  return characters.join('') + suffix;
}
