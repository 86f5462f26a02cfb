import { listBackups } from '../../src/repository/backups/backups.ts';
import { listTrash } from '../../src/repository/backups/forget.ts';
import { requireSound } from '../../src/repository/backups/resolve-backup.ts';
import type { Outcome } from './case.ts';
import type { Ran } from './commands.ts';
import type { Lab, Placed } from './lab.ts';
import { type Mission, restoresTo } from './missions.ts';
import { readWhole } from './templates.ts';

export interface Judgement {
  readonly lab: Lab;
  readonly placed: Placed;
  readonly mission: Mission;
  /** Undefined where a process was killed before it could say anything. */
  readonly ran: Ran | undefined;
}

/** Codes that say nothing of what to do, or that the campaign asked for something that cannot be. */
const unclearCodes = new Set([undefined, 'UNEXPECTED', 'SETTING_MISSING', 'USAGE_INVALID', 'BACKUP_CONTENT_INCONSISTENT', 'DRILL_SERVER_FAILED', 'DRILL_PROGRAMS_MISSING']);

/** Looks, without faults, at what a command left: its success, every backup that was there, every one that is new, and what lies about. */
export async function judge(judgement: Judgement): Promise<Outcome> {
  const { lab, mission, ran } = judgement;
  const isDone = ran?.exitCode === 0;
  const wasKilled = ran === undefined || ran.exitCode === null;
  const falseSuccesses = isDone && ran ? await mission.findFalse(ran) : [];
  const leftovers = isDone ? [] : await mission.findLeftovers();
  const lost = [...(await findLost(judgement)), ...(isDone ? [] : await mission.findBroken())];
  const ended = isDone ? 'survived' : wasKilled ? 'killed' : unclearCodes.has(ran.code) ? 'unclear' : 'refused';
  return {
    ended,
    code: ended === 'unclear' ? (ran?.said ?? '').slice(0, 1000) : ran?.code,
    falseSuccesses,
    lost,
    leftovers: [...leftovers, ...(wasKilled ? [] : lab.temporaryFiles().map((name) => `temporary file ${name}`))],
  };
}

async function findLost({ placed, mission }: Judgement): Promise<string[]> {
  const { signal } = new AbortController();
  const repository = await placed.open();
  const live = await listBackups(repository, { signal });
  const trash = await listTrash(repository, { signal });
  const lost: string[] = [];
  for (const known of placed.known) {
    const places = [...(known.place === 'live' || mission.mayMove(known) ? live : []), ...(known.place === 'trash' || mission.mayMove(known) ? trash : [])];
    const entry = places.find(({ source, id }) => source === known.source && id === known.id);
    if (!entry && mission.mayGo(known)) continue;
    try {
      if (!entry) throw new Error('it is gone');
      const { streams } = await readWhole(repository, requireSound({ ...entry, held: known.held }).head);
      if (streams !== known.streams) throw new Error('it has other content');
    } catch (error) {
      lost.push(`${known.source}/${known.id}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  // A run that failed or died after its commit has made a backup: then it is one that restores.
  for (const { source, id } of live) {
    if (placed.known.some((known) => known.id === id) || !mission.source || mission.source.name !== source) continue;
    const wrong = await restoresTo(await mission.source.content(), { id, source: mission.source, placed });
    lost.push(...wrong.map((text) => `listed, though ${text}`));
  }
  await repository.store.close();
  return lost;
}
