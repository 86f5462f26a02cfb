import { execFile } from 'node:child_process';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Fault, Outcome } from '../case.ts';
import { type Ran, runCommand } from '../commands.ts';
import type { Dice } from '../dice.ts';
import { judge } from '../judge.ts';
import { filesIn, type Lab, type Placed } from '../lab.ts';
import { type Mission, prepareMission } from '../missions.ts';

const run = promisify(execFile);

/** A real volume (tmpfs; mounting takes root) on which the repository lies, and what happens to it during the operation. */
async function onVolume(lab: Lab, operation: string, dice: Dice, trouble: (volume: string, running: () => Promise<Ran>) => Promise<Ran>): Promise<Outcome> {
  const volume = join(lab.folder, `volume-${dice.below(1_000_000_000)}`);
  await mkdir(volume);
  await run('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', volume]);
  try {
    const placed = await lab.place({ parent: volume, encrypted: dice.below(2) === 0 });
    const mission = await prepareMission(operation, { lab, placed, engine: dice.pick(['postgres', 'sqlite', 'sqlite']), dice });
    const ran = await trouble(volume, () => runCommand(mission.words, mission.variables));
    await run('mount', ['-o', 'remount,rw,size=64m', volume]);
    const outcome = await judge({ lab, placed, mission, ran });
    await mission.close();
    return outcome;
  } finally {
    await run('umount', ['-l', volume]);
    rmSync(volume, { recursive: true, force: true });
  }
}

/** Room for a few more kilobytes, and then no more. */
async function fill(lab: Lab, operation: string, dice: Dice): Promise<Outcome> {
  const room = dice.below(200);
  return onVolume(lab, operation, dice, async (volume, running) => {
    const { stdout } = await run('df', ['--output=used', '--block-size=1K', volume]);
    await run('mount', ['-o', `remount,size=${Number(stdout.trim().split('\n').at(-1)) + room}k`, volume]);
    return running();
  });
}

async function makeReadOnly(lab: Lab, operation: string, dice: Dice): Promise<Outcome> {
  const delay = dice.below(250);
  return onVolume(lab, operation, dice, async (volume, running) => {
    const ran = running();
    await sleep(delay);
    // Busy for as long as a file is open for writing: then a little later.
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const isDone = await run('mount', ['-o', 'remount,ro', volume]).then(() => true, () => false);
      if (isDone) break;
      await sleep(5);
    }
    return ran;
  });
}

/** Somebody else's program shortens or deletes a part while it is needed; it comes back before the judge looks. */
async function meddle(lab: Lab, operation: string, dice: Dice): Promise<Outcome> {
  const placed: Placed = await lab.place({ encrypted: dice.below(2) === 0 });
  const mission: Mission = await prepareMission(operation, { lab, placed, engine: dice.pick(['postgres', 'sqlite']), dice });
  const folder = placed.folder ?? '';
  const path = join(folder, dice.pick(filesIn(folder).filter((key) => key.startsWith('parts/'))));
  const content = readFileSync(path);
  const [delay, deletes, length] = [dice.below(250), dice.below(2) === 0, dice.below(content.length)];
  try {
    const running = runCommand(mission.words, mission.variables);
    await sleep(delay);
    if (deletes) rmSync(path, { force: true });
    else truncateSync(path, length);
    const ran = await running;
    writeFileSync(path, content);
    return await judge({ lab, placed, mission, ran });
  } finally {
    await mission.close();
    await placed.remove();
  }
}

export const volumeFaults: readonly Fault[] = [
  { kind: 'volume-full', operations: ['backup', 'cleanup', 'recall', 'prune'], weight: 2, run: fill },
  { kind: 'volume-read-only', operations: ['backup', 'cleanup', 'recall', 'prune', 'restore'], weight: 2, run: makeReadOnly },
  { kind: 'part-meddled', operations: ['restore', 'backup', 'verify'], weight: 2, run: meddle },
];
