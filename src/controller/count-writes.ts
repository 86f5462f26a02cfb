import type { Client } from '../kubernetes/client.ts';
import type { AnyKind } from '../kubernetes/objects.ts';

/** The same client, telling of each request that changes the cluster. Where nothing changes, a controller must write nothing. */
export function countWrites(client: Client, wrote: (kind: string) => void): Client {
  const told = <Kind extends AnyKind>(kind: Kind): Kind => {
    wrote(kind);
    return kind;
  };
  return {
    ...client,
    create: async (kind, object, options) => client.create(told(kind), object, options),
    apply: async (kind, object, options) => client.apply(told(kind), object, options),
    applyStatus: async (kind, object, options) => client.applyStatus(told(kind), object, options),
    patch: async (kind, name, patch, options) => client.patch(told(kind), name, patch, options),
    replace: async (kind, object, options) => client.replace(told(kind), object, options),
    delete: async (kind, name, options) => client.delete(told(kind), name, options),
  };
}
