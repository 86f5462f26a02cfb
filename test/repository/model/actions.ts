import assert from 'node:assert/strict';
import { listBackups } from '../../../src/repository/backups/backups.ts';
import { forgetBackups, recallBackup } from '../../../src/repository/backups/forget.ts';
import { holdBackup, releaseBackup } from '../../../src/repository/backups/hold.ts';
import { startOf } from '../../../src/repository/manifest/heads.ts';
import { nameOf } from '../../../src/repository/manifest/object-keys.ts';
import { pruneRepository } from '../../../src/repository/prune/prune.ts';
import type { Repository } from '../../../src/repository/repository.ts';
import { planCleanup } from '../../../src/repository/retention/cleanup-plan.ts';
import { backUp, log, signal } from '../repository-fixture.ts';
import { type Change, type Model, picked, type Place, placed, type Promised } from './promises.ts';
import { isExpired, isRecallable, type World } from './world.ts';

/** What somebody does to a repository; `pick` is a number that stands for one of the backups there are then. */
export type Action =
  | { readonly kind: 'backup'; readonly source: string; readonly texts: readonly string[]; readonly skewMs: number }
  | { readonly kind: 'forget' | 'recall' | 'hold' | 'release'; readonly pick: number }
  | { readonly kind: 'cleanup'; readonly keepLast: number }
  | { readonly kind: 'prune' };

/** An action on the backups that it meant when it was decided on. */
export interface Attempt {
  /** Does it, through whatever stands between this machine and the store. Throws its errors. */
  readonly run: (repository: Repository) => Promise<unknown>;
  /** All that it may have changed when it dies on the way. Complete once it has ended. */
  readonly changes: readonly Change[];
  /** The error that it must end with when nothing disturbs it. */
  readonly refusal?: string | undefined;
  /** Brings the model to what must be when it has ended well and undisturbed. */
  readonly settle: () => void;
}

/** Undefined where there is nothing to do it to. */
export function attempt(action: Action, world: World, model: Model): Attempt | undefined {
  switch (action.kind) {
    case 'backup':
      return toBackUp(action, world, model);
    case 'forget':
      return toForget(picked(placed(model, 'live'), action.pick));
    case 'recall':
      return toRecall(picked(placed(model, 'trash'), action.pick), world);
    case 'hold':
    case 'release':
      return toHold(picked(placed(model, 'live'), action.pick), action.kind === 'hold', world);
    case 'cleanup':
      return toCleanUp(action.keepLast, world, model);
    case 'prune':
      return toPrune(world, model);
    default:
      return undefined;
  }
}

function toBackUp({ source, texts, skewMs }: Extract<Action, { kind: 'backup' }>, { store }: World, model: Model): Attempt {
  const changes: Change[] = [];
  const made: Promised = { source, id: '', texts, place: 'gone', forgottenAt: 0, held: false };
  // Known to the model before it is committed: who dies right after the commit has made a backup.
  const onStart = (id: string) => {
    const started = Object.assign(made, { id });
    model.backups.set(nameOf(started), started);
    changes.push({ backup: started, places: ['live'] });
  };
  const now = () => new Date(store.clock.getTime() + skewMs);
  return {
    run: async (repository) => backUp(repository, texts, { source, now, onStart, compression: 'none' }),
    changes,
    settle: () => move(made, 'live'),
  };
}

function toForget(backup: Promised | undefined): Attempt | undefined {
  return (
    backup && {
      run: async (repository) => forgetBackups(repository, [backup], { signal }),
      changes: [{ backup, places: ['trash'] }],
      refusal: backup.held ? 'BACKUP_HELD' : undefined,
      settle: () => move(backup, 'trash'),
    }
  );
}

function toRecall(backup: Promised | undefined, world: World): Attempt | undefined {
  return (
    backup && {
      run: async (repository) => recallBackup(repository, backup, { signal }),
      changes: [{ backup, places: ['live'] }],
      refusal: isRecallable(world, backup) ? undefined : 'RECALL_TOO_LATE',
      settle: () => move(backup, 'live'),
    }
  );
}

function toHold(backup: Promised | undefined, held: boolean, { store }: World): Attempt | undefined {
  return (
    backup && {
      run: async (repository) => (held ? holdBackup(repository, backup, { reason: 'audit', now: store.clock, signal }) : releaseBackup(repository, backup, { signal })),
      changes: [{ backup, held: true }],
      settle: () => {
        backup.held = held;
      },
    }
  );
}

/** What retention decides has golden tests of its own; here it must only leave the newest and the held ones. */
function toCleanUp(keepLast: number, { store }: World, model: Model): Attempt {
  const forgotten: string[] = [];
  return {
    run: async (repository) => {
      const entries = await listBackups(repository, { signal });
      const backups = entries.map((entry) => ({ ...entry, at: startOf(entry), proven: false }));
      const plan = planCleanup(backups, { keepLast }, { now: store.clock });
      for (const ofSource of Map.groupBy(backups, (entry) => entry.source).values()) assert.ok(!plan.forget.some(({ id }) => id === ofSource.at(-1)?.id));
      forgotten.push(...plan.forget.map(nameOf));
      await forgetBackups(repository, plan.forget, { signal });
    },
    changes: placed(model, 'live').filter(({ held }) => !held).map((backup) => ({ backup, places: ['trash'] })),
    settle: () => {
      for (const [name, backup] of model.backups) if (forgotten.includes(name)) move(backup, 'trash');
    },
  };
}

function toPrune(world: World, model: Model): Attempt {
  const expired = placed(model, 'trash').filter((backup) => isExpired(world, backup));
  return {
    run: async (repository) => pruneRepository(repository, { log, signal, confirmed: true }),
    changes: expired.map((backup) => ({ backup, places: ['gone'] })),
    settle: () => {
      for (const backup of expired) move(backup, 'gone');
    },
  };
}

function move(backup: Promised, place: Place): void {
  backup.place = place;
}
