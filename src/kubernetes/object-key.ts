import type { ObjectName } from './objects.ts';

/** `namespace/name`: the key of caches and queues. */
export type ObjectKey = `${string}/${string}`;

export function keyOf({ namespace = '', name }: ObjectName): ObjectKey {
  return `${namespace}/${name}`;
}

export function nameOfKey(key: ObjectKey): { readonly namespace: string; readonly name: string } {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}
