import { join } from 'node:path';
import type { Fault, Outcome } from '../case.ts';
import { startCommand } from '../commands.ts';
import type { Dice } from '../dice.ts';
import { judge } from '../judge.ts';
import type { Lab } from '../lab.ts';
import { prepareMission } from '../missions.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** The machine's clock is a day off, or the store's was when everything in it was written. */
async function shiftClock(lab: Lab, shiftMs: number, operation: string, dice: Dice): Promise<Outcome> {
  const [isStores, inBucket] = [dice.below(3) === 0, dice.below(2) === 0];
  // What is forgotten is so near the end of its grace that a wrong clock would take it for over.
  const nearlyOver = ['prune', 'recall'].includes(operation);
  const placed = await lab.place(nearlyOver ? { agedMs: 6.5 * dayMs } : isStores ? { agedMs: -shiftMs } : { store: inBucket ? 's3' : 'directory' });
  const mission = await prepareMission(operation, { lab, placed, engine: dice.pick(['postgres', 'sqlite', 'sqlite']), dice });
  const shifted = isStores && !nearlyOver ? {} : { FAULTS_CLOCK_SHIFT_MS: String(shiftMs), NODE_OPTIONS: `--import=${join(import.meta.dirname, '..', 'shifted-clock.ts')}` };
  try {
    const ran = await startCommand(mission.words, { ...mission.variables, ...shifted }).ended;
    // A day is within the grace: nothing expires by it.
    return await judge({ lab, placed, ran, mission: { ...mission, mayGo: () => false } });
  } finally {
    await mission.close();
    await placed.remove();
  }
}

export const clockFaults: readonly Fault[] = [
  { kind: 'clock-forward', shiftMs: dayMs },
  { kind: 'clock-back', shiftMs: -dayMs },
].map(({ kind, shiftMs }) => ({
  kind,
  operations: ['backup', 'prune', 'cleanup', 'recall', 'restore'],
  weight: 2,
  run: async (lab, operation, dice) => shiftClock(lab, shiftMs, operation, dice),
}));
