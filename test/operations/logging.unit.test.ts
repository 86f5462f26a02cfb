import { describe, expect, it } from '@jest/globals';
import { createLogger } from '../../src/operations/logging.ts';

function capture(): { lines: string[]; write: (line: string) => void } {
  const lines: string[] = [];
  return { lines, write: (line) => void lines.push(line) };
}

describe('createLogger', () => {
  it('writes one JSON line with level, time and fields', () => {
    const output = capture();
    createLogger({ level: 'info', name: 'job' }, output).info({ parts: 3 }, 'stored');
    expect(JSON.parse(output.lines[0] ?? '')).toMatchObject({ level: 'info', name: 'job', msg: 'stored', parts: 3 });
  });

  it('hides values under secret keys, nested ones too', () => {
    const output = capture();
    const log = createLogger({ level: 'info', name: 'job' }, output);
    log.info({ password: 'hunter2', database: { password: 'hunter2', deep: { token: 'hunter2' } } }, 'connected');
    expect(output.lines[0]).not.toContain('hunter2');
    expect(output.lines[0]).toContain('[hidden]');
  });

  it('gives errors with stack and cause', () => {
    const output = capture();
    createLogger({ level: 'info', name: 'job' }, output).error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed');
    const line = JSON.parse(output.lines[0] ?? '') as { err: { stack: string } };
    expect(line.err.stack).toContain('outer');
    expect(line.err.stack).toContain('inner');
  });
});
