import type { Waiting } from '../sessions/session-store.ts';
import type { ServiceContext } from './service.ts';

const signals = new WeakMap<object, Waiting>();

/** A signal that aborts when the request's connection is closed: nobody waits for an answer any more. One for each request. */
export function waitingOf(ctx: ServiceContext): Waiting {
  const known = signals.get(ctx.res);
  if (known !== undefined) return known;
  const gone = new AbortController();
  ctx.res.once('close', () => { gone.abort(); });
  const waiting = { signal: gone.signal };
  signals.set(ctx.res, waiting);
  return waiting;
}
