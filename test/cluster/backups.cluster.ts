import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask, fingerprint } from './database.ts';
import { eventually } from './eventually.ts';
import { useKubectl } from './kubectl.ts';
import { names } from './names.ts';
import { testRelease } from './release.ts';
import { drill, repository, restore, schedule } from './resources.ts';
import { untilCondition, untilPhase } from './runs.ts';

const kubectl = useKubectl(names.namespace);

describe('a repository, a schedule, and what they lead to', () => {
  let backup = '';

  beforeAll(async () => {
    await kubectl.apply(repository(), schedule());
  });

  afterAll(async () => {
    await kubectl.apply(schedule({ suspend: true }));
    await kubectl.remove('drills.holdfast.dev', 'proof');
    await kubectl.remove('restores.holdfast.dev', 'into-new');
  });

  it('passes its own helm test', async () => {
    expect(await testRelease()).toContain('Succeeded');
  });

  it('makes the repository', async () => {
    const { status } = await untilCondition(kubectl, 'backuprepositories', names.repository, 'Ready');
    expect(status?.['repositoryId']).toEqual(expect.any(String));
  });

  it('backs up when it is due, and records it', async () => {
    const found = await eventually('a scheduled backup succeeded', async () => {
      const backups = await kubectl.list('backups.holdfast.dev', `holdfast.dev/schedule=${names.schedule}`);
      return backups.find(({ status }) => status?.['phase'] === 'Succeeded');
    });
    backup = found.metadata.name;
    expect(found.status).toMatchObject({ backupId: expect.stringMatching(/^\d{8}T\d{6}Z-/), source: names.schedule });
    const { status } = await kubectl.get('backupschedules', names.schedule);
    expect(status).toMatchObject({ lastSuccessTime: expect.any(String), consecutiveFailures: 0 });
  });

  it('proves a backup by a drill', async () => {
    const { status } = await kubectl.get('backups.holdfast.dev', backup);
    await kubectl.apply(drill('proof', String(status?.['backupId'])));
    expect((await untilPhase(kubectl, 'drill', 'proof', 'Succeeded')).status).toMatchObject({ result: 'Passed', backupId: status?.['backupId'] });
    await eventually('the backup is proven', async () => ((await kubectl.get('backups.holdfast.dev', backup)).status?.['proven'] === true ? true : undefined));
  });

  it('refuses to delete the last proven backup', async () => {
    await eventually('it is labelled', async () => (await kubectl.list('backups.holdfast.dev', 'holdfast.dev/last-proven')).find(({ metadata }) => metadata.name === backup));
    await expect(kubectl.run(['delete', 'backups.holdfast.dev', backup])).rejects.toThrow('holdfast.dev/allow-delete');
  });

  it('restores into a new database what was in the old one', async () => {
    await ask(kubectl, 'postgres', 'DROP DATABASE IF EXISTS restored');
    await kubectl.apply(restore('into-new'));
    await untilPhase(kubectl, 'restore', 'into-new', 'Succeeded');
    expect(await ask(kubectl, 'restored', fingerprint)).toBe(await ask(kubectl, 'shop', fingerprint));
  });
});
