/** What shutdown needs of `process`, so that tests can stand in for it. */
interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  exit(code: number): never;
}

/** The reason that aborted work carries when a signal stopped it. */
export class StoppedBySignal extends Error {
  override readonly name = 'StoppedBySignal';
  readonly signal: 'SIGINT' | 'SIGTERM';

  constructor(signal: 'SIGINT' | 'SIGTERM') {
    super(`stopped by ${signal}`);
    this.signal = signal;
  }
}

/**
 * Turns SIGINT and SIGTERM into an aborted `signal`, whose reason is StoppedBySignal. A second one exits at once
 * with 128 + its number. `dispose` takes the listeners off again.
 */
export function listenForShutdown(source: SignalSource): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  const numbers = { SIGINT: 2, SIGTERM: 15 } as const;
  const stop = (name: keyof typeof numbers) => () => {
    if (controller.signal.aborted) source.exit(128 + numbers[name]);
    controller.abort(new StoppedBySignal(name));
  };
  const onInterrupt = stop('SIGINT');
  const onTerminate = stop('SIGTERM');
  source.on('SIGINT', onInterrupt);
  source.on('SIGTERM', onTerminate);
  return {
    signal: controller.signal,
    dispose: () => {
      source.off('SIGINT', onInterrupt);
      source.off('SIGTERM', onTerminate);
    },
  };
}
