import { describe, expect, it } from '@jest/globals';
import { readConfiguration } from '../../../src/operations/configuration.ts';
import { errorTrackingOff, monitorSlug } from '../../../src/operations/sentry/error-tracking.ts';
import { SentrySettings } from '../../../src/operations/sentry/settings.ts';
import { startErrorTracking } from '../../../src/operations/sentry/start-error-tracking.ts';

const dsn = 'https://abc123@o1.ingest.sentry.io/42';

describe('the settings of error tracking', () => {
  it('default to production, every error, a tenth of requests', () => {
    expect(readConfiguration(SentrySettings, { SENTRY_DSN: dsn })).toEqual({ SENTRY_DSN: dsn, ENVIRONMENT: 'production', SENTRY_TRACES_SAMPLE_RATE: 0.1, SENTRY_SAMPLE_RATE: 1 });
  });

  it('take what is given', () => {
    const given = { SENTRY_DSN: dsn, ENVIRONMENT: 'staging', SENTRY_TRACES_SAMPLE_RATE: '0', SENTRY_SAMPLE_RATE: '0.5', RELEASE: 'holdfast@1.2.3' };
    expect(readConfiguration(SentrySettings, given)).toEqual({ ...given, SENTRY_TRACES_SAMPLE_RATE: 0, SENTRY_SAMPLE_RATE: 0.5 });
  });

  it.each([
    ['SENTRY_DSN', 'not a dsn'],
    ['SENTRY_DSN', 'https://sentry.example/42'],
    ['SENTRY_DSN', 'https://abc@sentry.example/project'],
    ['SENTRY_TRACES_SAMPLE_RATE', '1.1'],
    ['SENTRY_TRACES_SAMPLE_RATE', 'a tenth'],
    ['SENTRY_SAMPLE_RATE', '-1'],
    ['ENVIRONMENT', 'prod/eu'],
  ])('refuse %s=%s by its name, without its value', async (name, value) => {
    const started = startErrorTracking({ SENTRY_DSN: dsn, [name]: value });
    await expect(started).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID', message: expect.stringContaining(`${name}: use`) });
    await expect(started).rejects.toMatchObject({ message: expect.not.stringContaining(value) });
  });

  it('are not looked at without a DSN: error tracking is off', async () => {
    expect(await startErrorTracking({ SENTRY_DSN: '', ENVIRONMENT: 'prod/eu', SENTRY_SAMPLE_RATE: 'many' })).toBe(errorTrackingOff);
  });
});

describe('error tracking that is off', () => {
  it('lets all work through', async () => {
    const task = { queue: 'mail', id: '1' };
    expect(await errorTrackingOff.runTask(task, () => errorTrackingOff.publishTask(task, async (trace) => trace))).toEqual({});
    expect(await errorTrackingOff.span('x', async () => 1)).toBe(1);
    expect(await errorTrackingOff.checkIn({ slug: 'x', schedule: '0 2 * * *', timezone: 'UTC', maxRuntimeMinutes: 1 }, async () => 2)).toBe(2);
    expect(await errorTrackingOff.flush(0)).toBe(true);
  });
});

describe('a monitor slug', () => {
  it.each([
    [['backup', 'shop'], 'backup-shop'],
    [['backup', 'Shop Berlin/2'], 'backup-shop-berlin-2'],
    [['backup', '商店'], 'backup'],
    [['backup', 'x'.repeat(80)], `backup-${'x'.repeat(43)}`],
  ])('of %j is %s', (words, slug) => {
    expect(monitorSlug(...words)).toBe(slug);
  });
});
