import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Check, type CheckFacts, CheckProblem } from '../../../src/operations/health/check.ts';
import { createHealth, type Health, type HealthOptions } from '../../../src/operations/health/health.ts';
import { healthErrors } from '../../../src/operations/health/health-errors.ts';
import { createLogger } from '../../../src/operations/logging.ts';
import { waitFor } from '../wait-for.ts';

const running: Health[] = [];
afterEach(() => {
  for (const health of running.splice(0)) health.stop();
});

/** A check that does what `next` says at each run, and counts its runs. */
function scripted(next: (run: number, signal: AbortSignal) => Promise<CheckFacts>, options: Partial<Check> = {}) {
  const check = {
    name: 'database',
    critical: true,
    intervalMs: 300,
    timeoutMs: 1_000,
    ...options,
    runs: 0,
    run: (signal: AbortSignal) => next((check.runs += 1), signal),
  };
  return check;
}

function startHealth(checks: readonly Check[], options: Partial<HealthOptions> = {}) {
  const lines: { level: string; msg: string }[] = [];
  const log = createLogger({ level: 'info', name: 'test' }, { write: (line) => void lines.push(JSON.parse(line) as { level: string; msg: string }) });
  const health = createHealth({ checks, log, ...options });
  running.push(health);
  health.start();
  const first = () => health.report().checks[0];
  return { health, lines, status: () => first()?.status, first };
}

const fail = async () => {
  throw new Error('connection refused');
};
const succeed = async () => ({});

describe('a check in the background', () => {
  it('is pending and blocks until its first result, which counts at once', async () => {
    const { health, status } = startHealth([scripted(succeed)]);
    expect(status()).toBe('pending');
    expect(health.report().status).toBe('unhealthy');
    await waitFor(() => status() === 'ok');
    expect(health.report().status).toBe('healthy');
  });

  it('counts as failed at once when its first run fails, and as well at its first success', async () => {
    let up = false;
    const { status, first } = startHealth([scripted(() => (up ? succeed() : fail()))]);
    await waitFor(() => status() === 'error');
    expect(first()?.error?.code).toBe('CHECK_FAILED');
    up = true;
    await waitFor(() => status() === 'ok');
    expect(first()?.failures).toBe(0);
  });

  it('counts as failed after a row of failures and as well after a row of successes, and says each once', async () => {
    let up = true;
    const check = scripted(() => (up ? succeed() : fail()));
    const { status, health, lines } = startHealth([check]);
    await waitFor(() => status() === 'ok');
    up = false;
    await waitFor(() => status() === 'warning'); // once or twice is not enough
    expect(health.report().status).toBe('degraded');
    await waitFor(() => status() === 'error');
    expect(health.report().status).toBe('unhealthy');
    up = true;
    await waitFor(() => status() === 'ok');
    expect(lines.map(({ level, msg }) => `${level} ${msg}`)).toEqual(['error check failed', 'info check recovered']);
  });

  it('that hangs is a failure after its time limit, is told so by its signal, and is never run twice at once', async () => {
    let told = false;
    const check = scripted(
      (_, signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => {
            told = true;
          });
        }),
      { timeoutMs: 30 },
    );
    const { status, first, lines } = startHealth([check]);
    await waitFor(() => status() === 'error');
    expect(first()?.error?.code).toBe('CHECK_TIMED_OUT');
    expect(told).toBe(true);
    await waitFor(() => (first()?.failures ?? 0) > 2);
    expect(check.runs).toBe(1);
    expect(lines).toHaveLength(1);
  });

  it('whose result comes after the limit is not believed', async () => {
    const check = scripted(async () => sleep(60, { late: true }), { timeoutMs: 20, intervalMs: 5_000 });
    const { first, status } = startHealth([check]);
    await waitFor(() => status() === 'error');
    await sleep(100);
    expect(first()).toMatchObject({ status: 'error', facts: {} });
  });

  it('is an error once its last result is older than three intervals', async () => {
    const { status, first } = startHealth([scripted(succeed)]);
    await waitFor(() => status() === 'ok');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_200); // nothing of this process runs meanwhile
    expect(first()).toMatchObject({ status: 'error', error: { code: 'CHECK_STALE' } });
    await waitFor(() => status() === 'ok');
  });

  it('is looked at once an interval however often it is read', async () => {
    const check = scripted(succeed, { intervalMs: 100 });
    const { health } = startHealth([check]);
    const startedMs = performance.now();
    let reads = 0;
    while (performance.now() - startedMs < 550) {
      for (let i = 0; i < 100; i += 1) health.report();
      reads += 100;
      await sleep(1);
    }
    const intervals = (performance.now() - startedMs) / 90;
    expect(check.runs).toBeLessThanOrEqual(Math.floor(intervals) + 1);
    expect(check.runs).toBeGreaterThan(2);
    expect(reads).toBeGreaterThan(check.runs * 50);
  });

  it('spreads its runs: never before 0.9 of the interval, and not at equal distances', async () => {
    const times: number[] = [];
    const note = async () => {
      times.push(performance.now());
      return {};
    };
    startHealth([scripted(note, { intervalMs: 100 })]);
    await waitFor(() => times.length > 8);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(88);
    expect(new Set(gaps.map(Math.round)).size).toBeGreaterThan(1);
  });

  it('ends with stop, which aborts a run in progress', async () => {
    let aborted = false;
    const check = scripted(
      (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted = true;
            reject(new Error('aborted'));
          });
        }),
    );
    const { health, lines } = startHealth([check]);
    health.stop();
    await sleep(400);
    expect(aborted).toBe(true);
    expect(check.runs).toBe(1);
    expect(lines).toEqual([]);
  });
});

const warn = async () => {
  throw new CheckProblem(healthErrors.DISK_SPACE_LOW({ path: '/data', percent: 85 }), { level: 'warning', facts: { percent_used: 85 } });
};

describe('the whole', () => {
  it.each([
    ['all is well', [scripted(succeed), scripted(succeed, { name: 'redis', critical: false })], 'healthy'],
    ['something optional is down', [scripted(succeed), scripted(fail, { name: 'redis', critical: false })], 'degraded'],
    ['something critical warns', [scripted(succeed), scripted(warn, { name: 'disk_space' })], 'degraded'],
    ['something critical is down', [scripted(fail), scripted(succeed, { name: 'redis', critical: false })], 'unhealthy'],
  ])('when %s', async (_, checks, expected) => {
    const { health } = startHealth(checks);
    await waitFor(() => health.report().checks.every((check) => check.status !== 'pending'));
    expect(health.report().status).toBe(expected);
  });

  it('keeps the facts of a check that warns', async () => {
    const { first, status } = startHealth([scripted(warn)]);
    await waitFor(() => status() === 'warning');
    expect(first()).toMatchObject({ facts: { percent_used: 85 }, failures: 0, error: { code: 'DISK_SPACE_LOW' } });
  });

  it('refuses two checks of one name', () => {
    expect(() => startHealth([scripted(succeed), scripted(succeed)])).toThrow('name is taken twice');
    expect(() => startHealth([scripted(succeed)], { figures: { database: () => 1 } })).toThrow('name is taken twice');
  });
});
