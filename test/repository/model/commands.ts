import assert from 'node:assert/strict';
import { type Arbitrary, type AsyncCommand, constantFrom, integer, array, nat, oneof, option, record, tuple } from 'fast-check';
import type { Repository } from '../../../src/repository/repository.ts';
import { through } from '../repository-fixture.ts';
import type { Store } from '../../../src/repository/stores/store.ts';
import { createDice } from '../../faults/dice.ts';
import { Died, dyingStore, probeStore, waitingCalls, withCalls } from '../store-probe.ts';
import { type Action, type Attempt, attempt } from './actions.ts';
import { type Change, type Model, placed } from './promises.ts';
import { takeTurns } from './turns.ts';
import { checkContents, checkPlaces, expectSwept, isExpired, pass, type World } from './world.ts';

type Command = AsyncCommand<Model, World>;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** One machine does one thing; perhaps it dies after so many calls that change the store. */
function alone(action: Action, diesAfter: number | null): Command {
  return {
    check: () => true,
    run: async (model, world) => {
      const made = attempt(action, world, model);
      if (!made) return;
      const seen = diesAfter === null ? world.repository : through(world.repository, dyingStore(world.repository.store, diesAfter));
      const end = await endOf(made, seen);
      if (end === 'done') {
        assert.equal(made.refusal, undefined);
        made.settle();
      } else if (end !== 'died') assert.equal(end, made.refusal);
      // What deletes is the danger to contents; the rest shows in the end at the latest.
      const check = action.kind === 'prune' ? checkContents : checkPlaces;
      await check(world, model, end === 'died' ? made.changes : []);
      if (action.kind === 'prune' && end === 'done') await expectSwept(world, model);
    },
    toString: () => `${JSON.stringify(action)}${diesAfter === null ? '' : ` that dies after ${diesAfter} changes`}`,
  };
}

/** What two machines may tell each other apart by, when they do something to the same backup in the same moment. */
const expectedTogether = new Set(['done', 'RECALL_TOO_LATE', 'BACKUP_NOT_FOUND', 'BACKUP_HELD']);

/** Two machines at once, their calls in an order drawn from the seed; each call takes a minute. */
function together(actions: readonly [Action, Action], seed: number): Command {
  return {
    check: () => true,
    run: async (model, world) => {
      const attempts = actions.flatMap((action) => {
        const made = attempt(action, world, model);
        return made ? [{ kind: action.kind, made }] : [];
      });
      const prunes = actions.some(({ kind }) => kind === 'prune');
      const ends = await takeTurns(attempts.map(({ made }) => async (turn) => endOf(made, inTurns(world, turn))), createDice(seed).below);
      // Their calls take hours together: what prune may sweep is what its time is up for by now.
      const mayGo = prunes ? placed(model, 'trash').filter((backup) => isExpired(world, backup)) : [];
      for (const [index, { kind, made }] of attempts.entries()) {
        const end = ends[index];
        if (end?.status !== 'fulfilled') throw end?.reason;
        assert.ok(expectedTogether.has(end.value), end.value);
        if (kind === 'backup' && end.value === 'done') made.settle();
      }
      const holds = actions.some(({ kind }) => kind === 'hold' || kind === 'release');
      const moved = [...model.backups.values()].filter(({ place }) => place !== 'gone');
      const changes: Change[] = moved.map((backup) => ({ backup, places: ['live', 'trash', ...(mayGo.includes(backup) ? (['gone'] as const) : [])], ...(holds && { held: true }) }));
      await (prunes ? checkContents : checkPlaces)(world, model, changes);
    },
    toString: () => `${JSON.stringify(actions)} at once, in order ${seed}`,
  };
}

function wait(hours: number): Command {
  return {
    check: () => true,
    run: async (_, world) => pass(world, hours * hourMs),
    toString: () => `${hours} hours pass`,
  };
}

/** `done`, `died`, or the code of the error. What is no error of Holdfast's is thrown. */
async function endOf({ run }: Attempt, repository: Repository): Promise<string> {
  try {
    await run(repository);
    return 'done';
  } catch (error) {
    if (error instanceof Died) return 'died';
    const { code } = error as { code?: unknown };
    if (typeof code !== 'string') throw error;
    return code;
  }
}

/** Prune's last look at a part and its deletion count as one: runs wait longer than these take together (grace.ts). */
function inTurns(world: World, turn: () => Promise<void>): Repository {
  const take = async () => {
    await turn();
    pass(world, minuteMs);
  };
  const { store } = world.repository;
  async function* list(...parameters: Parameters<Store['list']>) {
    await take();
    yield* store.list(...parameters);
  }
  const probed = probeStore(store, waitingCalls, async (call, key) => {
    if (call !== 'delete' || !key.startsWith('parts/')) await take();
  });
  return through(world.repository, withCalls(probed, { list }));
}

const words = ['one', 'two', 'three', 'four', 'five', 'six'] as const;
const text = array(constantFrom(...words), { minLength: 1, maxLength: 3 }).map((chosen) => chosen.join(' '));
const dayMs = 24 * hourMs;

const anyAction: Arbitrary<Action> = oneof(
  { weight: 5, arbitrary: record({ kind: constantFrom('backup' as const), source: constantFrom('shop', 'bank'), texts: array(text, { minLength: 1, maxLength: 2 }), skewMs: constantFrom(0, -dayMs, dayMs) }) },
  { weight: 3, arbitrary: record({ kind: constantFrom('forget' as const), pick: nat(9) }) },
  { weight: 2, arbitrary: record({ kind: constantFrom('recall' as const), pick: nat(9) }) },
  { weight: 1, arbitrary: record({ kind: constantFrom('hold' as const, 'release' as const), pick: nat(9) }) },
  { weight: 1, arbitrary: record({ kind: constantFrom('cleanup' as const), keepLast: integer({ min: 1, max: 3 }) }) },
  { weight: 3, arbitrary: record({ kind: constantFrom('prune' as const) }) },
);

/** Everything that can happen to a repository. Waits are about the grace of 168 hours, its half, and its end with a 24th. */
export const commands: Arbitrary<Command>[] = [
  tuple(anyAction, option(nat(8), { freq: 2 })).map(([one, diesAfter]) => alone(one, diesAfter)),
  tuple(anyAction, anyAction, nat()).map(([one, other, seed]) => together([one, other], seed)),
  constantFrom(1, 30, 83, 85, 167, 172, 176).map(wait),
];
