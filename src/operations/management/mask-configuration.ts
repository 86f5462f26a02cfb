const secretName = /secret|passw|token|credential|dsn|identity|private|signing|keys?$/i;
const mask = '[hidden]';

/**
 * Settings as they may be shown: values of secret names are replaced whole, whatever they hold, and in URLs what stands between
 * `//` and `@`. Names of files (`…_FILE`) are shown, since they hold no secret themselves.
 */
export function maskConfiguration(configuration: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(configuration).map(([name, value]) => [name, secretName.test(name) && !name.endsWith('_FILE') ? hide(value) : maskValue(value)]),
  );
}

function hide(value: unknown): unknown {
  // That a secret is missing is worth knowing.
  return value === undefined || value === null || value === '' ? value : mask;
}

function maskValue(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/(\w:\/\/)[^/\s]*@/g, `$1${mask}@`);
  if (Array.isArray(value)) return value.map(maskValue);
  if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return maskConfiguration(value as Record<string, unknown>);
  }
  return value;
}
