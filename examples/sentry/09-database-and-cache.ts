import type { Redis } from 'ioredis';
import type { Pool } from 'pg';

/**
 * Nothing to do: queries and Redis commands of traced requests are spans, without their values. Keys that begin with `cache:`,
 * or with a prefix and `cache:`, show as a cache's, with hit or miss.
 */
export async function storeName(pool: Pool, redis: Redis, id: string): Promise<string | undefined> {
  const cached = await redis.get(`cache:store:${id}`);
  if (cached !== null) return cached;
  const { rows } = await pool.query<{ name: string }>('SELECT name FROM store WHERE id = $1', [id]);
  const name = rows[0]?.name;
  if (name !== undefined) await redis.setex(`cache:store:${id}`, 60, name);
  return name;
}
