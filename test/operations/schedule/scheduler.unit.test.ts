import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { httpErrors } from '../../../src/operations/http/http-errors.ts';
import { createScheduler, type Scheduler, type Task } from '../../../src/operations/schedule/scheduler.ts';
import { errorTrackingOff } from '../../../src/operations/sentry/error-tracking.ts';
import { captureLog } from '../../support/captured-log.ts';
import { until } from '../../support/until.ts';

const areaError = httpErrors.INTERNAL_ERROR;

describe('the scheduler', () => {
  let scheduler: Scheduler | undefined;
  afterEach(async () => scheduler?.stop());

  function schedule(run: Task['run'], everyMs = 1) {
    const { log, lines } = captureLog();
    const reports: unknown[] = [];
    scheduler = createScheduler({ tasks: [{ name: 'sweep', everyMs, run, areaError }], log, tracking: { ...errorTrackingOff, report: (error) => reports.push(error) } });
    scheduler.start();
    return { scheduler, lines, reports };
  }

  it('runs a task again and again, and tells when it ran and when it will', async () => {
    let runs = 0;
    const { scheduler: made } = schedule(async () => void (runs += 1));
    await until(() => runs >= 2);
    expect(made.tasks()).toEqual([
      { name: 'sweep', schedule: 'every 0.001 s', lastRun: { at: expect.stringMatching(/^20\d\d-.*Z$/), outcome: 'done' }, nextRun: expect.stringMatching(/Z$/) },
    ]);
    expect(made.heartbeat.silenceMs()).toBeLessThan(10_000);
  });

  it('runs none beside itself', async () => {
    let [running, most] = [0, 0];
    schedule(async () => {
      running += 1;
      most = Math.max(most, running);
      await sleep(2_500);
      running -= 1;
    });
    await sleep(3_000);
    expect(most).toBe(1);
  });

  it('logs and reports a failure once, says so, and goes on', async () => {
    let runs = 0;
    const { scheduler: made, lines, reports } = schedule(async () => {
      runs += 1;
      if (runs === 1) throw new Error('broken');
    });
    await until(() => reports.length === 1);
    expect(made.tasks()[0]?.lastRun?.outcome).toBe('failed');
    expect(lines().filter(({ msg }) => msg === 'unexpected failure')).toMatchObject([{ task: 'sweep' }]);
    await until(() => made.tasks()[0]?.lastRun?.outcome === 'done');
  });

  it('waits at its end for a task in flight, which learns of it, and takes that for no failure', async () => {
    let ended = false;
    const { scheduler: made, reports } = schedule(async (signal) => {
      await sleep(60_000, undefined, { signal }).finally(() => { ended = true; });
    });
    await sleep(1_500);
    await made.stop();
    expect([ended, reports]).toEqual([true, []]);
  });
});
