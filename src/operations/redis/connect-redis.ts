import { Redis, ReplyError } from 'ioredis';
import type { Logger } from '../logging.ts';
import { type Availability, watchAvailability } from './availability.ts';
import { readRedisUrl } from './redis-address.ts';
import { redisErrors } from './redis-errors.ts';

export interface RedisSettings {
  /** `redis://[user[:password]@]host[:port][/database]`, `rediss://` with TLS. */
  readonly url: string;
  /** In place of the URL's: from a file, it need not stand in a URL. */
  readonly password?: string | undefined;
  readonly log: Logger;
  /** How long a command may take. */
  readonly commandTimeoutMs?: number;
  /** How long it has to be away until `isUp` says so, and to be back. */
  readonly hysteresisMs?: number;
  /** Bounds of the wait before a lost connection is tried again. */
  readonly reconnectMs?: { readonly first: number; readonly most: number };
}

/**
 * One connection to Redis as a service that answers requests needs it: it comes back by itself, commands fail at once
 * while it is away (nothing queues), and its loss is two log lines, not an exception.
 */
export interface RedisConnection {
  /**
   * Runs commands. Throws REDIS_UNREACHABLE when there is no answer in time, REDIS_REFUSED when the answer is an error.
   * Commands may be sent twice when the connection breaks under them: they should be idempotent, or bear it.
   */
  readonly run: <Result>(commands: (client: Redis) => Promise<Result>) => Promise<Result>;
  /** With hysteresis: true until it has been away for a while, false until it has been back for a while. */
  readonly isUp: () => boolean;
  /** False while it is away, but for a trial a second: who has a fallback need not wait for the time limit each time. */
  readonly admits: () => boolean;
  /** For the health check: asks Redis now. Throws like `run`. */
  readonly check: (signal: AbortSignal) => Promise<void>;
  /** Waits for the replies of commands that were sent, for the time that a command may take. */
  readonly close: () => Promise<void>;
}

/** Begins to connect and returns at once: a service starts without its Redis. Throws REDIS_URL_INVALID. */
export function connectRedis(settings: RedisSettings): RedisConnection {
  const { url, password, log, commandTimeoutMs = 500, hysteresisMs = 1000, reconnectMs = { first: 50, most: 2000 } } = settings;
  const client = new Redis({
    ...readRedisUrl(url),
    ...(password !== undefined && { password }),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: commandTimeoutMs,
    connectTimeout: 2000,
    // A Redis that hangs keeps its connections open: those on which a reply is that late are given up.
    socketTimeout: 3 * commandTimeoutMs,
    disconnectTimeout: commandTimeoutMs,
    retryStrategy: (times) => Math.min(reconnectMs.most, reconnectMs.first * 2 ** Math.min(times - 1, 20)) * (0.5 + Math.random() / 2),
    // A replica that was a primary a moment ago: the name may lead to the new primary by now.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
  const availability = watchAvailability({
    downAfterMs: hysteresisMs,
    upAfterMs: hysteresisMs,
    trialEveryMs: 1000,
    onChange: (isUp, cause) => {
      if (isUp) log.info('Redis answers');
      else log.warn({ reason: reasonOf(cause) }, 'Redis is away');
    },
  });
  let lastError: unknown = new Error('connection closed');
  client.on('error', (error) => { lastError = withoutCommand(error); });
  client.on('ready', availability.succeeded);
  client.on('close', () => { availability.failed(lastError); });

  const run = async <Result>(commands: (client: Redis) => Promise<Result>): Promise<Result> => runCommands(client, availability, commands);
  return {
    run,
    isUp: availability.isUp,
    admits: availability.admits,
    check: async (signal) => {
      signal.throwIfAborted();
      await run(async (redis) => redis.ping());
    },
    close: async () => {
      availability.close();
      await closeClient(client);
    },
  };
}

async function runCommands<Result>(client: Redis, availability: Availability, commands: (client: Redis) => Promise<Result>): Promise<Result> {
  try {
    const result = await commands(client);
    availability.succeeded();
    return result;
  } catch (failure) {
    const error = withoutCommand(failure);
    // An answer is an answer: the connection is well.
    if (error instanceof ReplyError) throw redisErrors.REDIS_REFUSED({}, { cause: error });
    availability.failed(error);
    throw redisErrors.REDIS_UNREACHABLE({}, { cause: error });
  }
}

async function closeClient(client: Redis): Promise<void> {
  if (client.status === 'ready') await client.quit().catch(() => { client.disconnect(); });
  // Between two tries there is no connection to end, and no event that says so.
  else if (client.status !== 'end') client.disconnect();
}

/** The package hangs the command with its arguments on errors: of a sign-in that failed that is the password. */
function withoutCommand(error: unknown): unknown {
  if (error instanceof Error && 'command' in error) delete error.command;
  return error;
}

/** The message of a connection's error names host and port, never the password. */
function reasonOf(cause: unknown): string {
  return cause instanceof AggregateError ? cause.errors.map(String).join('; ') : String(cause);
}
