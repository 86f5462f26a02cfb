import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import type { EngineKind } from '../../src/repository/manifest/manifest.ts';
import type { Variables } from '../jobs/holdfast.ts';
import { type Ran, runCommand } from './commands.ts';
import type { Dice } from './dice.ts';
import type { Lab, Placed } from './lab.ts';
import { contentOfFile, type Source } from './sources.ts';
import type { Known } from './templates.ts';

/** What a fault happens to: one command, and how to tell whether it did what it says. */
export interface Mission {
  readonly words: readonly string[];
  /** The repository's and its own. */
  readonly variables: Variables;
  /** The backup that it is about, where it is about one. */
  readonly subject?: Known | undefined;
  /** What is wrong about its success: called after exit code 0, when the fault is over. */
  readonly findFalse: (ran: Ran) => Promise<string[]>;
  /** What a failed run destroyed outside the repository. */
  readonly findBroken: () => Promise<string[]>;
  /** What a failed run left outside the repository. */
  readonly findLeftovers: () => Promise<string[]>;
  /** Where a known backup may be afterwards, besides where it was. */
  readonly mayMove: (known: Known) => boolean;
  /** Known backups that need not be there any more. */
  readonly mayGo: (known: Known) => boolean;
  /** What a backup was made of: a new one must restore to this. */
  readonly source?: Source | undefined;
  readonly close: () => Promise<void>;
}

export interface MissionOptions {
  readonly lab: Lab;
  readonly placed: Placed;
  readonly engine: EngineKind;
  readonly dice: Dice;
  /** The backup that it is to be about, if it is about one of the live ones. */
  readonly about?: Known | undefined;
}

const nothing = async (): Promise<string[]> => [];
const plain = { variables: {}, findFalse: nothing, findBroken: nothing, findLeftovers: nothing, mayMove: () => false, mayGo: () => false, close: async () => undefined };

/** Every operation that faults happen to, by the name that the table shows. */
export const missions = {
  backup: async ({ lab, placed, engine, dice }) => {
    const source = await lab.createSource(engine);
    await source.change(dice);
    return {
      ...plain, source, words: ['backup'],
      variables: { HOLDFAST_SOURCE: source.address, HOLDFAST_SOURCE_NAME: source.name },
      findFalse: async ({ result }) => {
        const id = result['id'];
        if (typeof id !== 'string') return ['a backup that ended well names none'];
        return restoresTo(await source.content(), { id, source, placed });
      },
      close: async () => source.drop(),
    };
  },

  restore: async ({ lab, placed, engine, dice, about }) => {
    const subject = about ?? dice.pick(placed.known.filter((known) => known.engine === engine && known.place === 'live'));
    const source = await lab.createSource(engine);
    const target = source.target();
    await source.drop();
    return {
      ...plain, subject, words: ['restore', subject.id],
      variables: { HOLDFAST_TARGET: target.address },
      findFalse: async () => ((await target.content()) === subject.content ? [] : [`the restored ${subject.source}/${subject.id} has other content`]),
      findLeftovers: async () => target.traces(),
      close: async () => target.drop(),
    };
  },

  /** A restore over a database that is there: exchanged as a whole, or left as it was. */
  swap: async ({ lab, placed, engine, dice }) => {
    const subject = dice.pick(placed.known.filter((known) => known.engine === engine && known.place === 'live'));
    const target = await lab.createSource(engine);
    const before = await target.content();
    return {
      ...plain, subject, words: ['restore', subject.id, '--swap', '--end-sessions'],
      variables: { HOLDFAST_TARGET: target.address },
      findFalse: async () => ((await target.content()) === subject.content ? [] : [`the exchanged ${subject.source}/${subject.id} has other content`]),
      findBroken: async () => {
        const after = await target.content();
        return after === before || after === subject.content ? [] : ['the target of a failed exchange is neither what it was nor what it should become'];
      },
      close: async () => target.drop(),
    };
  },

  export: async ({ lab, placed, dice, about }) => {
    const subject = about ?? dice.pick(placed.known.filter((known) => known.place === 'live'));
    const path = join(lab.folder, `export-${randomBytes(6).toString('hex')}`);
    return {
      ...plain, subject, words: ['export', subject.id, '--output', path],
      findFalse: async () => (subject.engine === 'postgres' || contentOfFile(path) === subject.content ? [] : [`the exported ${subject.id} has other content`]),
      close: async () => rmSync(path, { force: true }),
    };
  },

  list: async ({ placed }) => ({
    ...plain, words: ['list'],
    findFalse: async ({ result }) => {
      // Damaged on its way a head is shown as damaged, which is the truth; whether it lies there sound the judge looks up.
      const listed = new Set((result['backups'] as { id: string }[] | undefined)?.map(({ id }) => id));
      return placed.known.filter(({ place, id }) => place === 'live' && !listed.has(id)).map(({ id }) => `list leaves out ${id}`);
    },
  }),

  prune: async () => ({ ...plain, words: ['prune'], mayGo: (known) => known.place === 'trash' }),

  cleanup: async () => ({ ...plain, words: ['cleanup', '--keep-last', '1', '--yes'], mayMove: (known) => known.place === 'live' && !known.held }),

  recall: async ({ placed }) => {
    const subject = placed.known.find(({ place }) => place === 'trash');
    return {
      ...plain, subject, words: ['recall', subject?.id ?? ''],
      findFalse: async () => {
        const listed = await listedIds(placed);
        return listed.includes(subject?.id ?? '') ? [] : ['what was recalled is not listed'];
      },
      mayMove: (known) => known === subject,
    };
  },

  verify: async () => ({ ...plain, words: ['verify', '--read-data'] }),

  drill: async ({ placed, engine, dice, about }) => {
    const subject = about ?? dice.pick(placed.known.filter((known) => known.engine === engine && known.place === 'live'));
    return {
      ...plain, subject, words: ['drill', subject.id],
      findFalse: async ({ result }) => (result['outcome'] === 'passed' ? [] : [`a drill that ended well says ${String(result['outcome'])}`]),
    };
  },
} satisfies Record<string, (options: MissionOptions) => Promise<Mission>>;

export type Operation = keyof typeof missions;

export async function prepareMission(operation: string, options: MissionOptions): Promise<Mission> {
  if (!(operation in missions)) throw new Error(`there is no operation ${operation}`);
  const mission: Mission = await missions[operation as Operation](options);
  return { ...mission, variables: { ...options.placed.variables, ...mission.variables } };
}

/** Restores a backup without faults and compares it; what is wrong about it. */
export async function restoresTo(content: string, { id, source, placed }: { readonly id: string; readonly source: Source; readonly placed: Placed }): Promise<string[]> {
  const target = source.target();
  try {
    const { exitCode, code, said } = await runCommand(['restore', id], { ...placed.variables, HOLDFAST_TARGET: target.address });
    if (exitCode !== 0) return [`the backup ${id} cannot be restored: ${code ?? said}`];
    return (await target.content()) === content ? [] : [`the backup ${id} restores to other content`];
  } finally {
    await target.drop();
  }
}

export async function listedIds(placed: Placed): Promise<string[]> {
  const { result } = await runCommand(['list'], placed.variables);
  return (result['backups'] as { id: string }[] | undefined)?.map(({ id }) => id) ?? [];
}
