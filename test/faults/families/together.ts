import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineKind } from '../../../src/repository/manifest/manifest.ts';
import type { Fault, Outcome } from '../case.ts';
import { type Ran, runCommand, startCommand } from '../commands.ts';
import type { Dice } from '../dice.ts';
import { judge } from '../judge.ts';
import type { Lab } from '../lab.ts';
import { type Mission, prepareMission } from '../missions.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** What goes on beside the operation: a backup of each engine, a restore, a prune that finds something to delete, a cleanup. */
const companions: readonly (readonly [operation: string, engine: EngineKind])[] = [['backup', 'postgres'], ['backup', 'sqlite'], ['restore', 'sqlite'], ['prune', 'sqlite'], ['cleanup', 'sqlite']];

/** Nothing goes wrong here but that they meet: what one of them may find is that a cleanup was faster. */
const expectedCodes = new Set(['BACKUP_NOT_FOUND']);

/** Several commands on one repository in the same seconds, each a process of its own or all in this one. */
async function together(lab: Lab, operation: string, dice: Dice, run: (mission: Mission) => Promise<Ran>): Promise<Outcome> {
  const inBucket = dice.below(2) === 0;
  // A backup that stores a part again which such a prune may be deleting waits for two minutes: seldom enough.
  const isAged = !inBucket && dice.below(6) === 0;
  const placed = await lab.place({ store: inBucket ? 's3' : 'directory', encrypted: dice.below(2) === 0, agedMs: isAged ? 30 * dayMs : 0 });
  const main = await prepareMission(operation, { lab, placed, engine: dice.pick(['postgres', 'sqlite']), dice });
  const others: Mission[] = [];
  for (const [companion, engine] of companions) {
    const mission = await prepareMission(companion, { lab, placed, engine, dice });
    // Its backups are of a source of their own: the judge compares new ones with the main one's database.
    const name = mission.variables['HOLDFAST_SOURCE_NAME'];
    others.push(name === undefined ? mission : { ...mission, variables: { ...mission.variables, HOLDFAST_SOURCE_NAME: `${name}-beside` } });
  }
  try {
    const after = (mission: Mission, ms: number) => sleep(ms).then(() => run(mission));
    const [ran, ...otherRuns] = await Promise.all([main, ...others].map((mission) => after(mission, dice.below(400))));
    const all = [main, ...others];
    const merged: Mission = { ...main, mayMove: (known) => all.some((mission) => mission.mayMove(known)), mayGo: (known) => all.some((mission) => mission.mayGo(known)) };
    const outcome = await judge({ lab, placed, mission: merged, ran });
    const falseSuccesses: string[] = [];
    const failed: string[] = [];
    for (const [index, other] of others.entries()) {
      const end = otherRuns[index];
      if (end?.exitCode === 0) falseSuccesses.push(...(await other.findFalse(end)));
      else if (!expectedCodes.has(end?.code ?? '')) failed.push(`${other.words.join(' ')} beside it: ${end?.code ?? end?.said ?? ''}`);
    }
    if (ran !== undefined && ran.exitCode !== 0 && !expectedCodes.has(ran.code ?? '')) failed.push(`${main.words.join(' ')}: ${ran.code ?? ran.said}`);
    const ended = failed.length > 0 ? { ended: 'unclear' as const, code: failed.join('; ') } : {};
    return { ...outcome, ...ended, falseSuccesses: [...outcome.falseSuccesses, ...falseSuccesses] };
  } finally {
    for (const mission of [main, ...others]) await mission.close();
    await placed.remove();
  }
}

export const togetherFaults: readonly Fault[] = [
  { kind: 'side-by-side', operations: ['backup', 'restore', 'prune'], weight: 3, run: async (lab, operation, dice) => together(lab, operation, dice, ({ words, variables }) => runCommand(words, variables)) },
  { kind: 'two-machines', operations: ['backup', 'prune'], weight: 2, run: async (lab, operation, dice) => together(lab, operation, dice, ({ words, variables }) => startCommand(words, variables).ended) },
];
