import { HoldfastError } from '../errors.ts';
import type { Logger } from '../logging.ts';
import type { CacheStore } from './cache-store.ts';

export interface CacheOptions {
  readonly store: CacheStore;
  readonly log: Logger;
  readonly now?: () => Date;
  /** How long one load may take; its signal is aborted then. */
  readonly loadTimeoutMs?: number;
}

export interface Freshness {
  /** For how long a value is given without loading it anew. */
  readonly ttlSeconds: number;
  /** For how long after that it is still given when loading fails. */
  readonly staleSeconds?: number;
  /** Ends this caller's wait; a load that others wait for goes on. */
  readonly signal: AbortSignal;
}

/** Values that JSON can hold as they are; the caller says what it put under a key. */
export interface Cache {
  /**
   * The value under `key`, loaded when there is none that is fresh: once in this process however many ask at the same time.
   * Throws what `load` throws, unless a stale value can be given; an answer such as "not found" (a HoldfastError with a
   * status below 500) is no failure and always passes.
   */
  cached<Value>(key: string, freshness: Freshness, load: (signal: AbortSignal) => Promise<Value>): Promise<Value>;
  /** Forgets the value, unless the store is away: then only its time ends it. A load that is under way is not kept. */
  invalidate(key: string): Promise<void>;
}

/** What is kept: the value and when it was loaded, in milliseconds since 1970. */
interface Kept {
  readonly at: number;
  readonly value: unknown;
}

type Load = (signal: AbortSignal) => Promise<unknown>;

/** One load that everybody waits for who asks meanwhile. */
interface Flight {
  readonly key: string;
  readonly keepMs: number;
  value: Promise<unknown> | undefined;
  /** How long it stays the answer after it has landed. */
  lingerMs: number;
}

/** After a load that failed, this long the stale value is given without another try. */
const quietAfterFailureMs = 1000;

export function createCache({ store, log, now = () => new Date(), loadTimeoutMs = 10_000 }: CacheOptions): Cache {
  const flights = new Map<string, Flight>();

  const staleOrThrow = (flight: Flight, kept: Kept | undefined, error: unknown): unknown => {
    const ageMs = now().getTime() - (kept?.at ?? 0);
    const isAnswer = error instanceof HoldfastError && error.status < 500;
    if (kept === undefined || isAnswer || ageMs >= flight.keepMs) throw error;
    log.warn({ err: error, key: flight.key, ageSeconds: Math.round(ageMs / 1000) }, 'A cached value could not be renewed; the old one is given');
    flight.lingerMs = quietAfterFailureMs;
    return kept.value;
  };
  const fly = async (flight: Flight, ttlMs: number, load: Load): Promise<unknown> => {
    const text = await store.get(flight.key);
    const kept = text === undefined ? undefined : (JSON.parse(text) as Kept);
    const at = now().getTime();
    if (kept !== undefined && at - kept.at < ttlMs) return kept.value;
    try {
      const signal = AbortSignal.timeout(loadTimeoutMs);
      const value = await waitUnless(signal, load(signal));
      if (flights.get(flight.key) === flight) await store.put(flight.key, JSON.stringify({ at, value }), flight.keepMs / 1000);
      return value;
    } catch (error) {
      return staleOrThrow(flight, kept, error);
    }
  };
  const land = (flight: Flight): void => {
    if (flights.get(flight.key) === flight) flights.delete(flight.key);
  };
  const takeOff = (key: string, { ttlSeconds, staleSeconds = 0 }: Freshness, load: Load): Flight => {
    const flight: Flight = { key, keepMs: (ttlSeconds + staleSeconds) * 1000, lingerMs: 0, value: undefined };
    flights.set(key, flight);
    flight.value = fly(flight, ttlSeconds * 1000, load).finally(() => {
      if (flight.lingerMs === 0) land(flight);
      else setTimeout(land, flight.lingerMs, flight).unref();
    });
    return flight;
  };
  return {
    cached: async <Value>(key: string, freshness: Freshness, load: (signal: AbortSignal) => Promise<Value>) => {
      freshness.signal.throwIfAborted();
      const flight = flights.get(key) ?? takeOff(key, freshness, load);
      return waitUnless(freshness.signal, flight.value as Promise<Value>);
    },
    invalidate: async (key) => {
      flights.delete(key);
      await store.delete(key);
    },
  };
}

/** The work's outcome, or the abort's reason if that comes first; the work goes on. */
async function waitUnless<Value>(signal: AbortSignal, work: Promise<Value>): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => { reject(signal.reason as Error); };
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
