import type { Client } from '../kubernetes/client.ts';

/** The same client, telling of each request that changes the cluster. Where nothing changes, a controller must write nothing. */
export function countWrites(client: Client, wrote: (kind: string) => void): Client {
  const counted = <Arguments extends [string, ...unknown[]], Result>(call: (...args: Arguments) => Result) => (...args: Arguments): Result => {
    wrote(args[0]);
    return call(...args);
  };
  return {
    ...client,
    create: counted(client.create) as Client['create'],
    apply: counted(client.apply) as Client['apply'],
    applyStatus: counted(client.applyStatus) as Client['applyStatus'],
    patch: counted(client.patch) as Client['patch'],
    replace: counted(client.replace) as Client['replace'],
    delete: counted(client.delete) as Client['delete'],
  };
}
