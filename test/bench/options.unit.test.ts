import { describe, expect, it } from '@jest/globals';
import { readOptions } from '../../bench/options.ts';

describe('readOptions', () => {
  it('measures all at a moderate size when nothing is said', () => {
    expect(readOptions([])).toMatchObject({ command: 'all', size: 0.25, rounds: 3, connections: 2, keep: false });
  });

  it('measures a backup at 2 GB, and keeps a database that it only builds', () => {
    expect(readOptions(['backup'])).toMatchObject({ size: 2, keep: false });
    expect(readOptions(['build', '--size', '4'])).toMatchObject({ size: 4, keep: true });
  });

  it.each([
    [['speed'], 'suite is one of backup, restore, sqlite, memory, scale, api, all, build, not speed.'],
    [['--size', '-1'], "Option '--size' argument is ambiguous"],
    [['--size=0'], '--size is a number above 0, not 0.'],
    [['--rounds', '1.5'], '--rounds is a whole number, not 1.5.'],
    [['--sizes', '1,two'], '--sizes is a number above 0, not two.'],
    [['--postgres', '9'], '--postgres is one of 15, 18, not 9.'],
  ])('refuses %j', (words, message) => expect(() => readOptions(words)).toThrow(message));
});
