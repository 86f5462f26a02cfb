import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../logging.ts';
import { listenForShutdown } from '../shutdown.ts';
import type { Lifecycle, ServicePart } from './lifecycle.ts';

export interface ServiceOptions {
  /** In the order in which they start; they stop in reverse order. What answers the probes comes first. */
  readonly parts: readonly ServicePart[];
  readonly lifecycle: Lifecycle;
  readonly log: Logger;
  readonly signals: Parameters<typeof listenForShutdown>[0];
  /** How long to go on serving after the signal, while load balancers learn that the process is no longer ready. */
  readonly drainMs: number;
  /** When to cut off what is still in flight, counted from the signal. Keep it some seconds below the pod's grace period. */
  readonly deadlineMs: number;
}

/** What a part may take to let go after the deadline before it is left behind. */
const leaveBehindMs = 500;

/**
 * Runs a service until SIGTERM or SIGINT: starts its parts, serves, drains, and stops the parts in reverse order. A second
 * signal exits at once. Returns the exit code: 0 when all was finished in time, 1 when something was cut off or failed to
 * stop. A part that cannot start stops those before it, and its error is thrown.
 */
export async function runService({ parts, lifecycle, log, signals, drainMs, deadlineMs }: ServiceOptions): Promise<0 | 1> {
  const shutdown = listenForShutdown(signals);
  const deadline = new AbortController();
  const started: ServicePart[] = [];
  try {
    for (const part of parts) {
      if (shutdown.signal.aborted) break;
      // Before its start: what fails half-way may have opened something too.
      started.unshift(part);
      await part.start?.(shutdown.signal);
    }
    if (!shutdown.signal.aborted) {
      lifecycle.phase = 'running';
      log.info('service started');
      await aborted(shutdown.signal);
    }
  } catch (error) {
    lifecycle.phase = 'stopped';
    deadline.abort();
    await stopAll(started, deadline.signal, log);
    shutdown.dispose();
    if (shutdown.signal.aborted) return 0;
    throw error;
  }

  const stoppedAt = performance.now();
  const wasRunning = lifecycle.phase === 'running';
  lifecycle.phase = 'draining';
  for (const part of started) part.drain?.();
  log.info({ signal: (shutdown.signal.reason as Error).message, drain_ms: drainMs, deadline_ms: deadlineMs }, 'service is draining');
  const timer = setTimeout(() => deadline.abort(), deadlineMs);
  // A service that was never ready has nobody to wait for.
  if (wasRunning) await sleep(Math.min(drainMs, deadlineMs));
  const clean = await stopAll(started, deadline.signal, log);
  clearTimeout(timer);
  lifecycle.phase = 'stopped';
  log.info({ seconds: (performance.now() - stoppedAt) / 1_000 }, 'service stopped');
  shutdown.dispose();
  return clean ? 0 : 1;
}

async function stopAll(started: readonly ServicePart[], deadline: AbortSignal, log: Logger): Promise<boolean> {
  let clean = true;
  for (const part of started) {
    const overdue = new AbortController();
    try {
      const outcome = await Promise.race([
        Promise.resolve(part.stop?.(deadline)).then(() => 'stopped' as const),
        aborted(deadline, overdue.signal).then(() => sleep(leaveBehindMs, 'left behind' as const, { signal: overdue.signal, ref: false })),
      ]);
      if (outcome === 'left behind') {
        clean = false;
        log.error({ part: part.name }, 'part did not stop in time and is left behind');
      }
    } catch (err) {
      clean = false;
      log.error({ part: part.name, err }, 'part failed to stop');
    } finally {
      overdue.abort();
    }
  }
  if (deadline.aborted) log.warn('what was in flight at the deadline was cut off');
  return clean && !deadline.aborted;
}

/** Resolves when the signal aborts, or has aborted. Rejects when `cancel` aborts first, so that nothing keeps listening. */
async function aborted(signal: AbortSignal, cancel?: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort', cancel && { signal: cancel });
}
