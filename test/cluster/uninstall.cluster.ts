import { afterAll, describe, expect, it } from '@jest/globals';
import { useKubectl } from './kubectl.ts';
import { names } from './names.ts';
import { installRelease, uninstallRelease } from './release.ts';
import { backup, drill, repository, schedule } from './resources.ts';
import { untilCondition, untilPhase } from './runs.ts';
import { readClusterSettings } from './settings.ts';

const settings = readClusterSettings(process.env);
const kubectl = useKubectl(names.namespace);

describe('uninstalling', () => {
  afterAll(async () => {
    await installRelease(settings);
    await kubectl.remove('drills.holdfast.dev', 'after-uninstall');
  });

  it('keeps claims, resources, backups and the CronJobs, and a new installation goes on with them', async () => {
    await kubectl.apply(repository(), schedule({ suspend: true }), backup('kept'));
    await untilCondition(kubectl, 'backupschedules', names.schedule, 'Ready');
    const { status: before } = await untilPhase(kubectl, 'backup', 'kept', 'Succeeded');
    await uninstallRelease();

    expect((await kubectl.get('persistentvolumeclaim', names.repositoryClaim)).status).toMatchObject({ phase: 'Bound' });
    expect((await kubectl.get('backups.holdfast.dev', 'kept')).status).toEqual(before);
    expect((await kubectl.get('backupschedules', names.schedule)).metadata.name).toBe(names.schedule);
    expect((await kubectl.list('cronjobs')).map(({ metadata }) => metadata.name)).toContain(`${names.schedule}-backup`);
    expect(await kubectl.list('deployments', 'app.kubernetes.io/name=holdfast')).toEqual([]);

    await installRelease(settings);
    await kubectl.apply(drill('after-uninstall', String(before?.['backupId'])));
    expect((await untilPhase(kubectl, 'drill', 'after-uninstall', 'Succeeded')).status).toMatchObject({ result: 'Passed' });
  });
});
