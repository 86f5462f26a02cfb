import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { runMeasured } from '../../bench/measure/run-measured.ts';

const { signal } = new AbortController();

/** A killed process whose parent is gone stays as a zombie until init looks after it. */
function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('runMeasured', () => {
  it('counts the processor time of every program of a pipeline', async () => {
    const { cpuSeconds } = await runMeasured({ script: 'cat /dev/null | "$1" -e "while (process.cpuUsage().user < 2e5);" | cat', words: [process.execPath] }, signal);
    expect(cpuSeconds).toBeGreaterThanOrEqual(0.2);
  });

  it('sees the peak of a process that has given its memory back', async () => {
    const program = 'let kept = Buffer.alloc(200 * 2 ** 20, 1); kept = undefined; gc(); setTimeout(() => {}, 1500)';
    const { peaks } = await runMeasured({ script: '"$1" --expose-gc -e "$2"', words: [process.execPath, program] }, signal);
    expect(peaks.byProgram['node']).toBeGreaterThan(200 * 2 ** 20);
  });

  it('fails where any program of a pipeline fails, and says why', async () => {
    await expect(runMeasured({ script: '{ echo lost >&2; exit 3; } | cat' }, signal)).rejects.toThrow(/ended with 3:\nlost/);
  });

  it('ends everything at the limit, and says that it did not finish', async () => {
    const { finished, stdout } = await runMeasured({ script: 'sleep 1000 | cat & echo $!; wait', limit: 1 }, signal);
    expect(finished).toBe(false);
    expect(isRunning(Number(stdout))).toBe(false);
  });

  it('ends everything when it is stopped', async () => {
    await expect(runMeasured({ script: 'sleep 1000 | cat' }, AbortSignal.timeout(200))).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
