import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { listenForShutdown, StoppedBySignal } from '../../src/operations/shutdown.ts';

class FakeProcess extends EventEmitter {
  exitCode: number | undefined;

  exit(code: number): never {
    this.exitCode = code;
    throw new Error('exited');
  }
}

describe('listenForShutdown', () => {
  it('aborts with the signal as the reason', () => {
    const source = new FakeProcess();
    const { signal } = listenForShutdown(source);
    source.emit('SIGTERM');
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBeInstanceOf(StoppedBySignal);
    expect(signal.reason).toMatchObject({ signal: 'SIGTERM' });
  });

  it('exits at once on the second signal', () => {
    const source = new FakeProcess();
    listenForShutdown(source);
    source.emit('SIGINT');
    expect(() => source.emit('SIGINT')).toThrow('exited');
    expect(source.exitCode).toBe(130);
  });

  it('takes its listeners off', () => {
    const source = new FakeProcess();
    listenForShutdown(source).dispose();
    expect(source.eventNames()).toEqual([]);
  });
});
