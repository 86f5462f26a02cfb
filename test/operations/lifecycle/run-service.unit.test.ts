import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { createLifecycle, type ServicePart } from '../../../src/operations/lifecycle/lifecycle.ts';
import { runService, type ServiceOptions } from '../../../src/operations/lifecycle/run-service.ts';
import { createLogger } from '../../../src/operations/logging.ts';
import { waitFor } from '../wait-for.ts';

class Signals extends EventEmitter {
  exit(code: number): never {
    throw new Error(`exited ${code}`);
  }
}

function service(parts: readonly ServicePart[], options: Partial<ServiceOptions> = {}) {
  const signals = new Signals();
  const lifecycle = createLifecycle();
  const lines: string[] = [];
  const log = createLogger({ level: 'info', name: 'test' }, { write: (line) => void lines.push((JSON.parse(line) as { msg: string }).msg) });
  const ended = runService({ parts, lifecycle, log, signals, drainMs: 0, deadlineMs: 5_000, ...options });
  return { ended, signals, lifecycle, lines };
}

/** A part that writes down what happens to it. */
function part(name: string, events: string[], { start, stop }: Partial<ServicePart> = {}): ServicePart {
  return {
    name,
    async start(signal) {
      events.push(`start ${name}`);
      await start?.(signal);
    },
    async stop(signal) {
      await stop?.(signal);
      events.push(`stop ${name}`);
    },
  };
}

describe('runService', () => {
  it('starts the parts in order, runs until a signal, stops them in reverse order and returns 0', async () => {
    const events: string[] = [];
    const { ended, signals, lifecycle, lines } = service([part('a', events), { name: 'passive' }, part('b', events)]);
    await waitFor(() => lifecycle.phase === 'running');
    expect(events).toEqual(['start a', 'start b']);
    signals.emit('SIGTERM');
    expect(await ended).toBe(0);
    expect(events).toEqual(['start a', 'start b', 'stop b', 'stop a']);
    expect(lifecycle.phase).toBe('stopped');
    expect(lines).toEqual(['service started', 'service is draining', 'service stopped']);
    expect(signals.eventNames()).toEqual([]);
  });

  it('drains at once, and touches no part before the drain time is over', async () => {
    const events: string[] = [];
    const { ended, signals, lifecycle } = service([part('a', events)], { drainMs: 1_000 });
    await waitFor(() => lifecycle.phase === 'running');
    signals.emit('SIGTERM');
    await sleep(0);
    expect(lifecycle.phase).toBe('draining');
    await sleep(100);
    expect(events).toEqual(['start a']);
    expect(await ended).toBe(0);
  });

  it('stops what has started, and what failed to, when a part cannot start', async () => {
    const events: string[] = [];
    const { ended, signals } = service([part('a', events), part('b', events, { start: () => Promise.reject(new Error('port taken')) }), part('c', events)]);
    await expect(ended).rejects.toThrow('port taken');
    expect(events).toEqual(['start a', 'start b', 'stop b', 'stop a']);
    expect(signals.eventNames()).toEqual([]);
  });

  it('stops without draining when the signal comes during the start', async () => {
    const events: string[] = [];
    const startedMs = performance.now();
    const { ended, signals } = service([part('a', events), part('b', events, { start: (signal) => sleep(60_000, undefined, { signal }) })], { drainMs: 5_000 });
    await waitFor(() => events.includes('start b'));
    signals.emit('SIGTERM');
    expect(await ended).toBe(0);
    expect(events).toEqual(['start a', 'start b', 'stop b', 'stop a']);
    expect(performance.now() - startedMs).toBeLessThan(3_000);
  });

  it('cuts off what is in flight at the deadline, and returns 1', async () => {
    const events: string[] = [];
    const { ended, signals, lifecycle, lines } = service([part('a', events), part('b', events, { stop: (signal) => sleep(60_000, undefined, { signal }).catch(() => {}) })], { deadlineMs: 100 });
    await waitFor(() => lifecycle.phase === 'running');
    signals.emit('SIGTERM');
    expect(await ended).toBe(1);
    expect(events.slice(2)).toEqual(['stop b', 'stop a']);
    expect(lines).toContain('what was in flight at the deadline was cut off');
  });

  it('leaves behind a part that never stops, and one that fails to, and stops the others', async () => {
    const events: string[] = [];
    const parts = [part('a', events), part('b', events, { stop: () => new Promise(() => {}) }), part('c', events, { stop: () => Promise.reject(new Error('broken')) })];
    const { ended, signals, lifecycle, lines } = service(parts, { deadlineMs: 50 });
    await waitFor(() => lifecycle.phase === 'running');
    signals.emit('SIGTERM');
    expect(await ended).toBe(1);
    expect(events.slice(3)).toEqual(['stop a']);
    expect(lines).toEqual(expect.arrayContaining(['part failed to stop', 'part did not stop in time and is left behind']));
  });

  it('exits at once on the second signal', async () => {
    const { ended, signals, lifecycle } = service([], { drainMs: 50 });
    await waitFor(() => lifecycle.phase === 'running');
    signals.emit('SIGTERM');
    expect(() => signals.emit('SIGTERM')).toThrow('exited 143');
    await ended;
  });
});
