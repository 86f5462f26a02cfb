import { tracingChannel } from 'node:diagnostics_channel';
import * as Sentry from '@sentry/node';

/** What ioredis 5.11 and newer tell of a command on the channel `ioredis:command`. */
interface RedisCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly serverAddress?: string;
  readonly serverPort?: number;
  readonly result?: unknown;
  span?: ReturnType<typeof Sentry.startInactiveSpan>;
}

const cacheOperations: Readonly<Record<string, string>> = {
  get: 'cache.get', mget: 'cache.get',
  set: 'cache.put', setex: 'cache.put', psetex: 'cache.put',
  del: 'cache.remove', unlink: 'cache.remove',
};

/** How the keys of cached answers begin, behind a prefix of the service's. */
const cacheKey = /^([\w-]+:)?cache:/;

/**
 * A span for each Redis command of a traced request or task; those on keys of `cache:` are a cache's. In place of Sentry's own integration, which shows the arguments of scripts (the content of sessions), and builds
 * a span for every command of the requests that are not traced.
 */
export function traceRedisCommands(): void {
  tracingChannel<RedisCommand>('ioredis:command').subscribe({
    start: (command) => {
      if (!Sentry.getActiveSpan()?.isRecording()) return;
      const cacheOperation = cacheOperationOf(command);
      command.span = Sentry.startInactiveSpan({
        name: cacheOperation ?? command.command,
        op: cacheOperation ?? 'db.redis',
        attributes: {
          'sentry.origin': 'auto.db.redis.holdfast',
          'db.system.name': 'redis',
          'db.operation.name': command.command,
          'server.address': command.serverAddress,
          'server.port': command.serverPort,
          ...(cacheOperation && { 'cache.key': [command.args[0] ?? ''] }),
        },
      });
    },
    end: () => undefined,
    asyncStart: () => undefined,
    asyncEnd: ({ span, result }) => {
      if (!span) return;
      if (Sentry.spanToJSON(span).attributes['sentry.op'] === 'cache.get') span.setAttribute('cache.hit', result !== null && result !== undefined);
      span.end();
    },
    error: ({ span }) => {
      span?.setStatus({ code: 2, message: 'internal_error' });
    },
  });
}

function cacheOperationOf({ command, args: [key] }: RedisCommand): string | undefined {
  return key !== undefined && cacheKey.test(key) ? cacheOperations[command] : undefined;
}
