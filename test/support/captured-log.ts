import { createLogger, type Logger } from '../../src/operations/logging.ts';

/** A logger whose lines a test reads, parsed and as they were written. */
export function captureLog(): { log: Logger; lines: () => Record<string, unknown>[]; text: () => string } {
  const written: string[] = [];
  const log = createLogger({ level: 'debug', name: 'test' }, { write: (line: string) => { written.push(line); } });
  return { log, lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>), text: () => written.join('') };
}
