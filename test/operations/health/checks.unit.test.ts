import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { diskSpaceCheck } from '../../../src/operations/health/disk-space-check.ts';
import { eventLoopCheck } from '../../../src/operations/health/event-loop-check.ts';
import { createHeartbeat, heartbeatCheck } from '../../../src/operations/health/heartbeat.ts';
import { probeCheck } from '../../../src/operations/health/probe-check.ts';

const { signal } = new AbortController();

describe('diskSpaceCheck', () => {
  it('counts percent as df does', async () => {
    const df = execFileSync('df', ['--output=pcent', tmpdir()], { encoding: 'utf8' });
    const { percent_used: percent } = await diskSpaceCheck({ path: tmpdir(), warnPercent: 101 }).run(signal);
    // Other processes write meanwhile.
    expect(Math.abs(Number(percent) - Number.parseInt(df.split('\n')[1] ?? '', 10))).toBeLessThanOrEqual(1);
  });

  it('warns above one limit and fails above the other, with the figure all the same', async () => {
    const facts = { percent_used: expect.any(Number) };
    await expect(diskSpaceCheck({ path: tmpdir(), warnPercent: 0, failPercent: 101 }).run(signal)).rejects.toMatchObject({ level: 'warning', facts });
    await expect(diskSpaceCheck({ path: tmpdir(), warnPercent: 0, failPercent: 0 }).run(signal)).rejects.toMatchObject({
      level: 'error',
      facts,
      reason: { code: 'DISK_SPACE_LOW' },
    });
  });

  it('takes a pseudo file system for one that is never full, and fails on a path that is not there', async () => {
    await expect(diskSpaceCheck({ path: '/proc' }).run(signal)).resolves.toEqual({ percent_used: 0 });
    await expect(diskSpaceCheck({ path: '/absent/path' }).run(signal)).rejects.toThrow('ENOENT');
  });
});

describe('eventLoopCheck', () => {
  it('is well in a free loop and warns after one that was blocked', async () => {
    const check = eventLoopCheck({ warnMs: 100 });
    await check.run(signal);
    await sleep(60);
    const { lag_ms: lag } = await check.run(signal);
    expect(lag).toBeLessThan(100);
    await sleep(60); // the first interval after a reading is not measured
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    await sleep(60);
    await expect(check.run(signal)).rejects.toMatchObject({ level: 'warning', reason: { code: 'EVENT_LOOP_LAGS' } });
  });
});

describe('heartbeatCheck', () => {
  it('fails while its heartbeat is silent beyond the limit', async () => {
    const heartbeat = createHeartbeat({ name: 'scheduler', limitMs: 1_000 });
    const check = heartbeatCheck({ heartbeat, critical: false });
    await expect(check.run(signal)).resolves.toEqual({ silent_seconds: 0 });
    await sleep(1_200);
    await expect(check.run(signal)).rejects.toMatchObject({ level: 'error', reason: { code: 'HEARTBEAT_SILENT' } });
    heartbeat.beat();
    await expect(check.run(signal)).resolves.toEqual({ silent_seconds: 0 });
  });
});

describe('probeCheck', () => {
  it('tells how long the dependency took', async () => {
    const check = probeCheck({ name: 'database', critical: true, probe: () => sleep(30) });
    const { response_time_ms: milliseconds } = await check.run(signal);
    expect(milliseconds).toBeGreaterThan(28);
    expect(milliseconds).toBeLessThan(1_000);
  });
});
