import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger };

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Keys whose values never reach a log line, wherever they stand up to two levels deep, nor the audit. */
export const secretKeys = ['password', 'secret', 'token', 'authorization', 'cookie', 'identity', 'repositoryKey'];

const censor = '[hidden]';
const secrets: ReadonlySet<string> = new Set(secretKeys);
const keyLevels = 3;

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
      formatters: { level: (label) => ({ level: label }), log: (fields) => hideSecrets(fields, keyLevels) },
      // What a child logger is bound to does not pass the formatter.
      redact: { paths: secretKeys, censor },
    },
    destination,
  );
}

/**
 * Where a service writes its lines: on standard error, those of one turn of the event loop together, since each write costs more than
 * the line. An error goes at once, with all before it, and so does what is left when the process exits; a process that is killed
 * loses the other lines of its last turn.
 */
export function linesOfATurn(output: { write(text: string): unknown } = pino.destination({ dest: 2, sync: true })): DestinationStream {
  const urgent = pino.levels.values['error'] ?? 0;
  let lines = '';
  const flush = (): void => {
    const text = lines;
    lines = '';
    if (text !== '') output.write(text);
  };
  process.on('exit', flush);
  return {
    [pino.symbols.needsMetadataGsym]: true,
    lastLevel: 0,
    write(line: string): void {
      if (lines === '') setImmediate(flush);
      lines += line;
      if (this.lastLevel >= urgent) flush();
    },
  } as DestinationStream & { lastLevel: number };
}

/**
 * The value, or a copy in which what stands under a secret key is replaced. Pino's own wildcards (`*.password`) copy every line, and
 * nearly none holds a secret: they were most of what a line costs.
 */
function hideSecrets<Value>(value: Value, levels: number): Value {
  if (levels === 0 || typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  let hidden: Map<string, unknown> | undefined;
  for (const key of Object.keys(value)) {
    const item: unknown = Reflect.get(value, key);
    const shown = secrets.has(key) ? censor : hideSecrets(item, levels - 1);
    if (shown !== item) (hidden ??= new Map()).set(key, shown);
  }
  return hidden === undefined ? value : copyWith(value, hidden);
}

/** Of the same prototype: an error is still shown as one. */
function copyWith<Value extends object>(value: Value, changes: ReadonlyMap<string, unknown>): Value {
  if (Array.isArray(value)) return value.map((item: unknown, index) => changes.get(String(index)) ?? item) as unknown as Value;
  const properties: PropertyDescriptorMap = Object.getOwnPropertyDescriptors(value);
  for (const [key, changed] of changes) properties[key] = { value: changed, enumerable: true };
  return Object.create(Object.getPrototypeOf(value) as object | null, properties) as Value;
}
