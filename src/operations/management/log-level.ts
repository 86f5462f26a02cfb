import { z } from 'zod';
import { type Logger, logLevels } from '../logging.ts';
import { type ManagementRequest, type ManagementAnswer, jsonAnswer } from './exchange.ts';
import { managementErrors } from './management-errors.ts';

const LogLevelBody = z.strictObject({ level: z.enum(logLevels) });

export function showLogLevel(log: Logger): ManagementAnswer {
  return jsonAnswer(200, { level: log.level });
}

/**
 * Sets the level from `{"level": "debug"}`; loggers that are made of it from now on, as each request's is, follow. Throws what a
 * browser could be tricked into sending, and LOG_LEVEL_INVALID.
 */
export function setLogLevel(log: Logger, { origin, contentType, body }: ManagementRequest): ManagementAnswer {
  if (origin !== undefined) throw managementErrors.MANAGEMENT_BROWSER_REFUSED({});
  if (contentType?.split(';')[0]?.trim().toLowerCase() !== 'application/json') throw managementErrors.MANAGEMENT_TYPE_REFUSED({});
  const parsed = LogLevelBody.safeParse(parseJson(body));
  if (!parsed.success) throw managementErrors.LOG_LEVEL_INVALID({ example: '{"level":"debug"}', levels: logLevels.join(', ') });
  const before = log.level;
  log.level = parsed.data.level;
  // At warn, so that it is seen whatever the level, `silent` aside: somebody changed what the log tells.
  log.warn({ before, level: parsed.data.level }, 'log level set');
  return showLogLevel(log);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
