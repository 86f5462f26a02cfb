import { spawnSync } from 'node:child_process';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { createLogger, linesOfATurn } from '../../src/operations/logging.ts';

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

  it('hides them in lists, in errors and in what a child logger is bound to, and changes nothing of what was given', () => {
    const output = capture();
    const log = createLogger({ level: 'info', name: 'job' }, output).child({ token: 'hunter2' });
    const err = Object.assign(new TypeError('outer', { cause: new Error('inner') }), { password: 'hunter2', code: 'E_OUTER', options: { secret: 'hunter2' } });
    const users = [{ name: 'alice', password: 'hunter2' }, { name: 'bob' }];
    log.warn({ err, users, at: new Date(0) }, 'failed');
    expect(output.lines[0]).not.toContain('hunter2');
    expect(JSON.parse(output.lines[0] ?? '')).toMatchObject({
      token: '[hidden]',
      err: { type: 'TypeError', message: expect.stringContaining('outer'), stack: expect.stringContaining('inner'), code: 'E_OUTER', password: '[hidden]', options: { secret: '[hidden]' } },
      users: [{ name: 'alice', password: '[hidden]' }, { name: 'bob' }],
      at: '1970-01-01T00:00:00.000Z',
    });
    expect([err.password, users[0]?.password]).toEqual(['hunter2', 'hunter2']);
  });

  it('gives errors with stack and cause', () => {
    const output = capture();
    createLogger({ level: 'info', name: 'job' }, output).error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed');
    const line = JSON.parse(output.lines[0] ?? '') as { err: { stack: string } };
    expect(line.err.stack).toContain('outer');
    expect(line.err.stack).toContain('inner');
  });
});

/** A service's log, and what each write of it held. */
function collect() {
  const writes: string[] = [];
  const log = createLogger({ level: 'info', name: 'service' }, linesOfATurn({ write: (text: string) => writes.push(text) }));
  return { log, messages: () => writes.map((text) => text.trimEnd().split('\n').map((line) => (JSON.parse(line) as { msg: string }).msg)) };
}

describe('linesOfATurn', () => {
  it('writes the lines of one turn together, in order, and those of the next apart', async () => {
    const { log, messages } = collect();
    log.info('a');
    log.info('b');
    expect(messages()).toEqual([]);
    await nextTurn();
    log.info('c');
    await nextTurn();
    expect(messages()).toEqual([['a', 'b'], ['c']]);
  });

  it('writes errors at once, behind what came before them', async () => {
    const { log, messages } = collect();
    log.warn('a');
    log.error('b');
    expect(messages()).toEqual([['a', 'b']]);
    await nextTurn();
    expect(messages()).toEqual([['a', 'b']]);
  });

  it('loses nothing when the process exits, or ends by an error that nobody catches, in the same turn', () => {
    for (const end of ['process.exit(0)', "throw new Error('uncaught')"]) {
      const program = `import { createLogger, linesOfATurn } from ${JSON.stringify(new URL('../../src/operations/logging.ts', import.meta.url).href)};
        createLogger({ level: 'info', name: 'service' }, linesOfATurn()).info('last words'); ${end};`;
      expect(spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' }).stderr).toContain('"msg":"last words"');
    }
  });
});
