import type { Store } from '../../src/repository/stores/store.ts';

export const waitingCalls = ['get', 'put', 'putIfAbsent', 'stat', 'delete', 'flush', 'now'] as const;
export const changingCalls = ['put', 'putIfAbsent', 'delete', 'flush'] as const;
type WaitingCall = (typeof waitingCalls)[number];

/** A store some of whose calls are others. */
export function withCalls(store: Store, calls: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name in calls) return calls[name as keyof Store];
      const value: unknown = Reflect.get(target, name, target);
      // A store with private fields works only as itself.
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** A store whose calls are announced before they are made; what the probe throws, the call throws. */
export function probeStore(store: Store, calls: readonly WaitingCall[], probe: (call: WaitingCall, key: string) => void | Promise<void>): Store {
  const probed = Object.fromEntries(
    calls.map((call) => [
      call,
      async (...parameters: unknown[]) => {
        await probe(call, typeof parameters[0] === 'string' ? parameters[0] : '');
        return (store[call] as (...given: unknown[]) => Promise<unknown>).apply(store, parameters);
      },
    ]),
  );
  return withCalls(store, probed);
}

/** The failure of a probe: as final as the death of the process. */
export class Died extends Error {
  override readonly name = 'Died';
}

/** A store that works for `calls` changing calls and then dies: this call and every later one throw. */
export function dyingStore(store: Store, calls: number): Store {
  let left = calls;
  return probeStore(store, waitingCalls, (call) => {
    if ((changingCalls as readonly string[]).includes(call)) left -= 1;
    if (left < 0) throw new Died();
  });
}

/** The store with its clock ahead: everything in it is so much older. */
export function laterStore(store: Store, laterMs: number): Store {
  return withCalls(store, { now: async (options) => new Date((await store.now(options)).getTime() + laterMs) });
}
