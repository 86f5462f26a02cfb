import { describe, expect, it } from '@jest/globals';
import { useKubectl } from './kubectl.ts';
import { underLoad } from './load.ts';
import { names } from './names.ts';
import { installRelease } from './release.ts';
import { repository, schedule } from './resources.ts';
import { untilCondition } from './runs.ts';
import { readClusterSettings } from './settings.ts';

const settings = readClusterSettings(process.env);
const kubectl = useKubectl(names.namespace);

describe('a rolling upgrade', () => {
  it('fails no request and leaves the CronJobs as they are', async () => {
    await kubectl.apply(repository(), schedule({ suspend: true }));
    await untilCondition(kubectl, 'backuprepositories', names.repository, 'Ready');
    await untilCondition(kubectl, 'backupschedules', names.schedule, 'Ready');
    const before = (await kubectl.list('cronjobs')).map(({ metadata }) => metadata.uid);
    const load = await underLoad(kubectl, settings.TEST_CLUSTER_IMAGE, async () => installRelease(settings, String(Date.now())));
    expect(load.failed).toEqual([]);
    expect(load.answered).toBeGreaterThan(100);
    expect(before.length).toBeGreaterThan(0);
    expect((await kubectl.list('cronjobs')).map(({ metadata }) => metadata.uid)).toEqual(before);
  });
});
