import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger };

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Keys whose values never reach a log line, wherever they stand up to two levels deep, nor the audit. */
export const secretKeys = ['password', 'secret', 'token', 'authorization', 'cookie', 'identity', 'repositoryKey'];

/**
 * A logger of JSON lines: static messages, facts as fields, time as ISO 8601. Values under secret keys are replaced.
 * Without a destination it writes to standard error, synchronously: a dying process loses no line.
 */
export function createLogger(
  { level, name }: { readonly level: LogLevel; readonly name: string },
  destination: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Logger {
  return pino(
    {
      name,
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[hidden]' },
    },
    destination,
  );
}
