import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask, fingerprint, whileBackupsWait } from './database.ts';
import { eventually } from './eventually.ts';
import { useKubectl } from './kubectl.ts';
import { names } from './names.ts';
import { backup, repository, restore } from './resources.ts';
import { jobsOf, removeBackups, untilCondition, untilPhase } from './runs.ts';

const kubectl = useKubectl(names.namespace);
const controllers = 'app.kubernetes.io/component=controller';

/** Without grace, as when a node dies: whichever of them leads, no controller says goodbye. */
async function killControllers(): Promise<void> {
  await kubectl.run(['delete', 'pods', `--selector=${controllers}`, '--grace-period=0', '--force']);
}

async function expectOneRun(name: string): Promise<void> {
  await untilPhase(kubectl, 'backup', name, 'Succeeded');
  expect(await jobsOf(kubectl, name)).toHaveLength(1);
}

describe('the controllers are killed', () => {
  const made: string[] = [];

  beforeAll(async () => {
    await kubectl.apply(repository());
    await untilCondition(kubectl, 'backuprepositories', names.repository, 'Ready');
  });

  afterAll(async () => {
    await removeBackups(kubectl, ...made);
    await kubectl.remove('restores.holdfast.dev', 'after-kill');
    await kubectl.run(['rollout', 'status', `deployment/${names.release}-controller`, '--timeout=5m']);
  });

  const make = async (name: string): Promise<void> => {
    made.push(name);
    await kubectl.apply(backup(name));
  };

  it('before a backup is asked for', async () => {
    await killControllers();
    await make('killed-before');
    await expectOneRun('killed-before');
  });

  it('as soon as it is asked for', async () => {
    await make('killed-at-once');
    await killControllers();
    await expectOneRun('killed-at-once');
  });

  it('when its Job is made', async () => {
    await make('killed-with-job');
    await eventually('its Job is there', async () => (await jobsOf(kubectl, 'killed-with-job'))[0]);
    await killControllers();
    await expectOneRun('killed-with-job');
  });

  it('while it runs', async () => {
    await whileBackupsWait(kubectl, async () => {
      await make('killed-running');
      await untilPhase(kubectl, 'backup', 'killed-running', 'Running');
      await killControllers();
    });
    await expectOneRun('killed-running');
  });

  it('while it ends: what it did is recorded by the next', async () => {
    await whileBackupsWait(kubectl, async () => {
      await make('killed-ending');
      await untilPhase(kubectl, 'backup', 'killed-ending', 'Running');
    });
    await killControllers();
    await eventually('its Job has ended', async () => (await jobsOf(kubectl, 'killed-ending')).find(({ status }) => status?.['succeeded'] === 1));
    await killControllers();
    await expectOneRun('killed-ending');
  });

  it('while a restore is asked for: it runs once', async () => {
    await ask(kubectl, 'postgres', 'DROP DATABASE IF EXISTS restored');
    await kubectl.apply(restore('after-kill'));
    await killControllers();
    await untilPhase(kubectl, 'restore', 'after-kill', 'Succeeded');
    expect(await jobsOf(kubectl, 'after-kill')).toHaveLength(1);
    expect(await ask(kubectl, 'restored', fingerprint)).toBe(await ask(kubectl, 'shop', fingerprint));
  });
});
