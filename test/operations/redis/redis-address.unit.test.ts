import { describe, expect, it } from '@jest/globals';
import { readRedisUrl } from '../../../src/operations/redis/redis-address.ts';

describe('readRedisUrl', () => {
  it.each([
    ['redis://cache', { host: 'cache', port: 6379, db: 0 }],
    ['redis://cache:7000/3', { host: 'cache', port: 7000, db: 3 }],
    ['redis://app:p%40ss@[::1]:7000/', { host: '::1', port: 7000, db: 0, username: 'app', password: 'p@ss' }],
    ['rediss://:secret@cache.example', { host: 'cache.example', port: 6379, db: 0, password: 'secret', tls: { host: 'cache.example' } }],
  ])('reads %s', (url, options) => {
    expect(readRedisUrl(url)).toEqual(options);
  });

  it.each([
    'not a url of s3cret', 'http://:s3cret@cache', 'redis://:s3cret@', 'redis://:s3cret@cache/name', 'redis://:s3cret@cache?tls=false', 'redis://:s3cret%@cache', 'redis:///s3cret',
  ])('refuses %s without showing it', (url) => {
    const attempt = () => readRedisUrl(url);
    expect(attempt).toThrow(expect.objectContaining({ code: 'REDIS_URL_INVALID', message: expect.not.stringContaining('s3cret') }));
  });
});
