/**
 * Whether everything that `wanted` says holds of `actual`, which may say more: what the API server fills in, what others own.
 * Lists are compared item by item, those that server-side apply merges by a key by that key: what others put into them stays, however often
 * ours is applied. What is empty may be left out, and quantities may be written otherwise (`0.5`, `500m`): both are what the API server makes
 * of what it was sent.
 */
export function covers(actual: unknown, wanted: unknown): boolean {
  if (wanted === undefined) return true;
  if (actual === undefined) return isEmpty(wanted);
  if (Array.isArray(wanted)) return Array.isArray(actual) && coversList(actual, wanted);
  if (isMap(wanted)) return isMap(actual) && Object.entries(wanted).every(([name, value]) => covers(actual[name], value));
  return actual === wanted || isSameQuantity(actual, wanted);
}

/** Of volume mounts, owners, and all that have names: containers, volumes, variables. */
const mergeKeys = ['mountPath', 'uid', 'name'];

function coversList(actual: readonly unknown[], wanted: readonly unknown[]): boolean {
  const items = wanted.filter(isMap);
  const key = mergeKeys.find((candidate) => items.length > 0 && items.length === wanted.length && items.every((item) => item[candidate] !== undefined));
  if (key === undefined) return actual.length === wanted.length && wanted.every((item, index) => covers(actual[index], item));
  return items.every((item) => covers(actual.find((other) => isMap(other) && other[key] === item[key]), item));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : isMap(value) ? Object.keys(value).length === 0 : value === '';
}

function isSameQuantity(a: unknown, b: unknown): boolean {
  const first = amountOf(a);
  return first !== undefined && first === amountOf(b);
}

const suffixes: Readonly<Record<string, number>> = { n: 1e-9, u: 1e-6, m: 1e-3, '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 };

/** What a quantity of Kubernetes amounts to; undefined of anything else. */
function amountOf(value: unknown): number | undefined {
  const [, digits, suffix = ''] = /^([0-9]+(?:[.][0-9]+)?)([A-Za-z]{0,2})$/.exec(String(value)) ?? [];
  const factor = suffixes[suffix];
  return digits === undefined || factor === undefined ? undefined : Number((Number(digits) * factor).toPrecision(12));
}
