import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { clusterMetricNames, observeCluster } from '../../../src/api/cluster/metrics/observe-cluster.ts';
import type { ClusterSnapshot } from '../../../src/api/cluster/metrics/facts.ts';
import { createMetricsRenderer } from '../../../src/operations/metrics/render-metrics.ts';
import { backup, drill, repository, schedule } from './resources.ts';

const nothing: ClusterSnapshot = { schedules: [], repositories: [], backups: [], drills: [] };

/** What a scrape gives: `name{labels}` to value. */
function scraper(snapshot: () => Partial<ClusterSnapshot>) {
  const registry = new Registry();
  observeCluster(registry, () => ({ ...nothing, ...snapshot() }));
  const render = createMetricsRenderer(registry);
  return async (): Promise<Record<string, number>> => {
    const { body } = await render();
    const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return Object.fromEntries(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));
  };
}

const of = (name: string, labels = 'namespace="shop",schedule="shop"'): string => `holdfast_${name}{${labels}}`;
const condition = (type: string, status: 'True' | 'False' | 'Unknown') => ({ type, status, reason: 'Seen', message: '', lastTransitionTime: '2026-01-10T00:00:00Z' });
const at = (time: string): number => Date.parse(time) / 1000;

describe('the metrics of a cluster’s backups', () => {
  it('tell of a schedule what its status and its spec say', async () => {
    const status = {
      lastSuccessTime: '2026-01-16T02:01:00Z', lastProvenTime: '2026-01-11T04:00:00Z', nextDueTime: '2026-01-17T02:00:00Z', consecutiveFailures: 0, missedRuns: 2,
      retainedBackups: 14, lastRetentionTime: '2026-01-16T03:00:00Z', lastDrillTime: '2026-01-11T04:00:00Z', lastDrillResult: 'Passed',
    } as const;
    const spec = { sourceName: 'orders', drill: { schedule: '0 4 * * 0' }, retention: { keepLast: 14, schedule: '0 3 * * *' }, jobs: { activeDeadlineSeconds: 900 } };
    expect(await scraper(() => ({ schedules: [schedule(status, spec)] }))()).toEqual({
      'holdfast_schedule_info{namespace="shop",schedule="shop",source="orders",repository="main"}': 1,
      [of('schedule_created_timestamp_seconds')]: at('2026-01-01T00:00:00Z'),
      [of('schedule_interval_seconds')]: 86_400,
      [of('schedule_deadline_seconds')]: 900,
      [of('schedule_last_success_timestamp_seconds')]: at('2026-01-16T02:01:00Z'),
      [of('schedule_last_proven_timestamp_seconds')]: at('2026-01-11T04:00:00Z'),
      [of('schedule_next_due_timestamp_seconds')]: at('2026-01-17T02:00:00Z'),
      [of('schedule_suspended')]: 0,
      [of('schedule_consecutive_failures')]: 0,
      [of('schedule_missed_runs')]: 2,
      [of('schedule_retained_backups')]: 14,
      [of('schedule_last_retention_timestamp_seconds')]: at('2026-01-16T03:00:00Z'),
      [of('schedule_retention_interval_seconds')]: 86_400,
      [of('schedule_drill_interval_seconds')]: 7 * 86_400,
      [of('schedule_last_drill_timestamp_seconds')]: at('2026-01-11T04:00:00Z'),
      [of('schedule_drill_passed')]: 1,
    });
  });

  it('leave out what is not known, and never say 0 of it', async () => {
    const figures = await scraper(() => ({ schedules: [schedule({}, { schedule: 'not a cron' })] }))();
    expect(Object.keys(figures).toSorted()).toEqual([
      of('schedule_created_timestamp_seconds'), of('schedule_deadline_seconds'), 'holdfast_schedule_info{namespace="shop",schedule="shop",source="shop",repository="main"}', of('schedule_suspended'),
    ].toSorted());
  });

  it('tell of the backup that succeeded last and of one that runs, not of one that failed', async () => {
    const backups = [
      backup('newest', { phase: 'Succeeded', startedAt: '2026-01-16T02:00:00Z', finishedAt: '2026-01-16T02:01:30Z', rawBytes: 5000, storedBytes: 900, newBytes: 100, suspicious: true }),
      backup('older', { phase: 'Succeeded', startedAt: '2026-01-15T02:00:00Z', finishedAt: '2026-01-15T02:01:00Z', rawBytes: 1, storedBytes: 1, newBytes: 1, suspicious: false }),
      backup('failed', { phase: 'Failed', startedAt: '2026-01-16T05:00:00Z', finishedAt: '2026-01-16T05:00:10Z' }),
      backup('running', { phase: 'Running', startedAt: '2026-01-16T06:00:00Z' }),
      backup('of nobody', { phase: 'Succeeded', finishedAt: '2026-01-16T07:00:00Z', rawBytes: 7 }, { repositoryRef: { name: 'main' }, source: { sqlite: { claimName: 'data', path: 'app.sqlite' } } }),
    ];
    expect(await scraper(() => ({ schedules: [schedule()], backups }))()).toMatchObject({
      [of('backup_last_duration_seconds')]: 90,
      [of('backup_last_raw_bytes')]: 5000,
      [of('backup_last_stored_bytes')]: 900,
      [of('backup_last_new_bytes')]: 100,
      [of('backup_last_suspicious')]: 1,
      [of('backup_running_since_timestamp_seconds')]: at('2026-01-16T06:00:00Z'),
    });
  });

  it('tell recovery time and recovery point of the last drill that restored', async () => {
    const drills = [
      drill('first', { phase: 'Succeeded', finishedAt: '2026-01-04T04:00:00Z', restoreMs: 1000, ageMs: 1000 }),
      drill('second', { phase: 'Failed', result: 'Failed', finishedAt: '2026-01-11T04:00:00Z', restoreMs: 42_500, ageMs: 7_200_000 }),
      drill('third', { phase: 'Failed', result: 'Error', finishedAt: '2026-01-18T04:00:00Z' }),
    ];
    expect(await scraper(() => ({ schedules: [schedule({ lastDrillResult: 'Failed' })], drills }))()).toMatchObject({
      [of('drill_last_restore_seconds')]: 42.5,
      [of('drill_last_age_seconds')]: 7200,
      [of('schedule_drill_passed')]: 0,
    });
  });

  it('say of a drill that could not run neither that it passed nor that it failed', async () => {
    const figures = await scraper(() => ({ schedules: [schedule({ lastDrillResult: 'Error', lastDrillTime: '2026-01-18T04:00:00Z' })] }))();
    expect(figures).toHaveProperty([of('schedule_last_drill_timestamp_seconds')]);
    expect(figures).not.toHaveProperty([of('schedule_drill_passed')]);
  });

  it('have no interval of drills and retention while these are suspended', async () => {
    const spec = { drill: { schedule: '0 4 * * 0', suspend: true }, retention: { keepLast: 14, schedule: '0 3 * * *', suspend: true } };
    const figures = await scraper(() => ({ schedules: [schedule({}, spec)] }))();
    expect(Object.keys(figures).filter((series) => /(drill|retention)_interval/.test(series))).toEqual([]);
  });

  it('say since when a schedule is suspended, while it is', async () => {
    let current = schedule({ conditions: [condition('Suspended', 'True')] }, { suspend: true });
    const scrape = scraper(() => ({ schedules: [current] }));
    expect(await scrape()).toMatchObject({ [of('schedule_suspended')]: 1, [of('schedule_suspended_since_timestamp_seconds')]: at('2026-01-10T00:00:00Z') });
    current = schedule({ conditions: [condition('Suspended', 'False')] });
    expect(await scrape()).toMatchObject({ [of('schedule_suspended')]: 0 });
    expect(await scrape()).not.toHaveProperty([of('schedule_suspended_since_timestamp_seconds')]);
  });

  it('tell of a repository, and take its deadline where the schedule has none', async () => {
    const status = { conditions: [condition('Ready', 'True'), condition('Whole', 'False')], freeBytes: 10, totalBytes: 100, lastPruneTime: '2026-01-11T00:00:00Z', lastVerifyTime: '2026-01-10T00:00:00Z' };
    const scrape = scraper(() => ({ schedules: [schedule()], repositories: [repository(status, { jobs: { activeDeadlineSeconds: 7200 } }), repository({ conditions: [condition('Ready', 'Unknown')] }, {}, 'other')] }));
    const figures = await scrape();
    const main = 'namespace="shop",repository="main"';
    expect(figures).toMatchObject({
      [of('repository_ready', main)]: 1,
      [of('repository_whole', main)]: 0,
      [of('repository_free_bytes', main)]: 10,
      [of('repository_total_bytes', main)]: 100,
      [of('repository_last_prune_timestamp_seconds', main)]: at('2026-01-11T00:00:00Z'),
      [of('repository_last_verify_timestamp_seconds', main)]: at('2026-01-10T00:00:00Z'),
      [of('schedule_deadline_seconds')]: 7200,
    });
    expect(Object.keys(figures).filter((name) => name.includes('other'))).toEqual([]);
  });

  it('vanish with what they are about', async () => {
    let schedules = [schedule(), schedule({}, {}, 'stock')];
    const scrape = scraper(() => ({ schedules }));
    expect(await scrape()).toHaveProperty([of('schedule_suspended', 'namespace="shop",schedule="stock"')]);
    schedules = [schedule()];
    expect(Object.keys(await scrape()).filter((name) => name.includes('stock'))).toEqual([]);
  });

  it('are all named, once', async () => {
    const registry = new Registry();
    observeCluster(registry, () => nothing);
    expect(clusterMetricNames).toEqual(registry.getMetricsAsArray().map(({ name }) => name));
    expect(new Set(clusterMetricNames).size).toBe(clusterMetricNames.length);
  });

  it('are computed for 500 schedules and 5,000 backups without holding up requests', async () => {
    const schedules = Array.from({ length: 500 }, (_, index) => schedule({ lastSuccessTime: '2026-01-16T02:01:00Z' }, { schedule: 'H H * * *', drill: { schedule: 'H H * * 0' } }, `schedule-${index}`));
    const backups = Array.from({ length: 5000 }, (_, index) => backup(`backup-${index}`, { phase: 'Succeeded', startedAt: '2026-01-16T02:00:00Z', finishedAt: '2026-01-16T02:01:00Z', rawBytes: 1 }, { scheduleRef: { name: `schedule-${index % 500}` } }));
    const scrape = scraper(() => ({ schedules, backups }));
    await scrape();
    const startedMs = performance.now();
    const figures = await scrape();
    const milliseconds = Math.round(performance.now() - startedMs);
    process.stdout.write(`A scrape of 500 schedules and 5,000 backups took ${milliseconds} ms.\n`);
    expect(Object.keys(figures).length).toBeGreaterThan(4000);
    expect(milliseconds).toBeLessThan(2000);
  });
});
