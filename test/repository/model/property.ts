import { assert, asyncModelRun, asyncProperty, commands as commandsOf } from 'fast-check';
import { recallBackup } from '../../../src/repository/backups/forget.ts';
import { pruneRepository } from '../../../src/repository/prune/prune.ts';
import { dayMs, log, signal } from '../repository-fixture.ts';
import { commands } from './commands.ts';
import { type Model, placed } from './promises.ts';
import { checkContents, createWorld, expectSwept, isRecallable, pass, type World } from './world.ts';

/**
 * Whatever is done to a repository, in whatever order and by two machines, and wherever one of them dies: each listed backup
 * gives back what went in, so does each that was forgotten within the grace, a held one stays, and in the end prune leaves nothing
 * that nobody needs. Throws fast-check's report, which names the seed and the shortest sequence that fails.
 */
export async function checkModel({ numRuns, seed }: { readonly numRuns: number; readonly seed?: number | undefined }): Promise<void> {
  await assert(
    asyncProperty(commandsOf(commands, { maxCommands: 25, size: 'max' }), async (sequence) => {
      const world = await createWorld();
      const model: Model = { backups: new Map() };
      await asyncModelRun(() => ({ model, real: world }), sequence);
      await finish(world, model);
    }),
    { numRuns, ...(seed !== undefined && { seed }) },
  );
}

/** Recalls what can be recalled; then, when all graces are over, prune must leave exactly what is needed. */
async function finish(world: World, model: Model): Promise<void> {
  for (const backup of placed(model, 'trash').filter((forgotten) => isRecallable(world, forgotten))) {
    await recallBackup(world.repository, backup, { signal });
    backup.place = 'live';
  }
  await checkContents(world, model, []);
  pass(world, 60 * dayMs);
  for (const backup of placed(model, 'trash').filter(({ held }) => !held)) backup.place = 'gone';
  await pruneRepository(world.repository, { log, signal, confirmed: true });
  await checkContents(world, model, []);
  await expectSwept(world, model);
}
