/**
 * What statements give that are asked for at every request, where MikroORM's mapping to entities would cost more than the
 * rest of the request. The databases hand out times and JSON each in its own way.
 */
export function timeOf(value: unknown): Date {
  return new Date(value as Date | number);
}

export function jsonOf(value: unknown): unknown {
  return typeof value === 'string' ? JSON.parse(value) : value;
}
