import type { RedisOptions } from 'ioredis';
import type { HoldfastError } from '../errors.ts';
import { redisErrors } from './redis-errors.ts';

export type RedisAddress = Pick<RedisOptions, 'host' | 'port' | 'db' | 'username' | 'password' | 'tls'>;

/**
 * What `redis://[user[:password]@]host[:port][/database]` says, `rediss://` with TLS. The package's own reading of URLs
 * also takes any option from the query; here a query is refused. Throws REDIS_URL_INVALID, which shows nothing of the URL.
 */
export function readRedisUrl(text: string): RedisAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw refuse('it is not a URL', '不是 URL');
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') throw refuse('it does not begin with redis:// or rediss://', '开头不是 redis:// 或 rediss://');
  if (url.hostname === '') throw refuse('it names no host', '没有主机名');
  if (url.search !== '' || url.hash !== '') throw refuse('it has a query or fragment', '包含查询串或片段');
  if (!/^\/?\d*$/.test(url.pathname)) throw refuse('the database is not a number', '数据库不是数字');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port: Number(url.port || 6379),
    db: Number(url.pathname.slice(1)),
    ...(url.username !== '' && { username: decoded(url.username) }),
    ...(url.password !== '' && { password: decoded(url.password) }),
    ...(url.protocol === 'rediss:' && { tls: { host } }),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    throw refuse('user or password are not percent-encoded', '用户名或密码没有按百分号编码', error);
  }
}

function refuse(en: string, zh: string, cause?: unknown): HoldfastError {
  return redisErrors.REDIS_URL_INVALID({ problem: { en, zh } }, { cause });
}
