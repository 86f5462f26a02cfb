import { createSecretKey } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Fault, Outcome } from '../case.ts';
import { type Ran, runCommand } from '../commands.ts';
import type { Dice } from '../dice.ts';
import { filesIn, type Lab, type Placed } from '../lab.ts';
import { judge } from '../judge.ts';
import { prepareMission } from '../missions.ts';
import { writeSealed } from '../../../src/repository/manifest/sealed-document.ts';
import { createKeyRing } from '../../../src/repository/keys.ts';
import type { Known } from '../templates.ts';

/** Every kind of object of a repository, and which of its keys are one. */
const objects = {
  repository: /^repository\.json$/,
  head: /^backups\/.*\.json$/,
  body: /^backups\/.*\.parts$/,
  references: /^backups\/.*\.references$/,
  part: /^parts\//,
  hold: /^holds\//,
  trash: /^trash\//,
  drill: /^drills\/.*\.json$/,
} as const;
type ObjectKind = keyof typeof objects;
const sealedKinds: ReadonlySet<ObjectKind> = new Set(['head', 'hold', 'trash', 'drill']);

/** What is done to an object that lies in the store. Gives its new content, undefined to take it away, or null where it cannot be done here. */
const damages: Record<string, (content: Buffer, from: { dice: Dice; placed: Placed; lab: Lab; key: string; kind: ObjectKind }) => Buffer | undefined | null> = {
  flipped: (content, { dice }) => {
    const changed = Buffer.from(content);
    const at = dice.below(content.length);
    changed.writeUInt8(changed.readUInt8(at) ^ (1 << dice.below(8)), at);
    return changed;
  },
  // Never by the last byte alone: without its line feed a document says the same.
  truncated: (content, { dice }) => content.subarray(0, dice.below(content.length - 1)),
  missing: () => undefined,
  swapped: (content, { dice, placed, key, kind }) => replacement(dice, placed.folder ?? '', key, kind, content),
  // By somebody who knows the format and has no key: with a seal of another key, or the one that a repository without encryption has.
  forged: (content, { dice, placed, kind }) => {
    if (!placed.encrypted || !sealedKinds.has(kind)) return null;
    const document = JSON.parse(content.toString()) as Record<string, unknown> & { sizes?: { rows: number } };
    const changed = { ...document, ...(document.sizes ? { sizes: { ...document.sizes, rows: document.sizes.rows + 1 } } : { reason: 'forged' }) };
    const keys = createKeyRing({ recipients: [], identities: [], repositoryKey: createSecretKey(Buffer.alloc(32, dice.below(256))) });
    return writeSealed(changed, dice.below(2) === 0 ? { kind: 'none' } : { kind: 'age', keys });
  },
  // Keys of another repository under the same keys: its seals are good.
  replayed: (content, { dice, lab, key, kind }) => replacement(dice, lab.templates.other.folder, key, kind, content),
};

/** The content of another object of the kind. */
function replacement(dice: Dice, folder: string, key: string, kind: ObjectKind, content: Buffer): Buffer | null {
  const others = filesIn(folder).filter((other) => objects[kind].test(other) && other !== key);
  const candidates = kind === 'repository' ? ['repository.json'] : others;
  if (candidates.length === 0) return null;
  const other = readFileSync(join(folder, dice.pick(candidates)));
  return other.equals(content) ? null : other;
}

/** A backup is touched by what happens to its own files and to its parts; everything is, by what happens to the repository's document. */
function touches(key: string, { source, id, parts }: Known): boolean {
  return key === 'repository.json' || key.includes(`/${source}/${id}.`) || key.includes(`/${source}/${id}/`) || parts.includes(key);
}

async function damage(lab: Lab, how: string, kind: ObjectKind, operation: string, dice: Dice): Promise<Outcome> {
  const placed = await lab.place({ encrypted: dice.below(3) > 0 });
  try {
    const folder = placed.folder ?? '';
    const key = dice.pick(filesIn(folder).filter((candidate) => objects[kind].test(candidate)));
    const path = join(folder, key);
    const content = readFileSync(path);
    const made = damages[how]?.(content, { dice, placed, lab, key, kind });
    // A repository without encryption proves nothing against a whole document of another one: there it stays a flipped bit.
    const changed = made === null ? damages['flipped']?.(content, { dice, placed, lab, key, kind }) : made;
    const touched = placed.known.filter((known) => touches(key, known));
    const live = touched.filter(({ place }) => place === 'live');
    const about = live.length > 0 ? dice.pick(live) : undefined;
    const engine = about?.engine ?? 'sqlite';
    const mission = await prepareMission(operation, { lab, placed, engine, dice, about });
    const wasOnlyReport = isOnlyReport(folder, key);
    if (changed) writeFileSync(path, changed);
    else rmSync(path);
    const ran = await runCommand(mission.words, mission.variables);
    const unnamed = operation === 'verify' && ran.code === 'REPOSITORY_NOT_WHOLE' && changed !== undefined ? findOtherNames(ran, key) : ran.exitCode === 0 ? findUnnamed(operation, ran, { touched, key, isGone: changed === undefined, wasOnlyReport }) : undefined;
    // Put back, so that what the command itself may have destroyed shows.
    writeFileSync(path, content);
    const findFalse = unnamed ? async () => unnamed : mission.findFalse;
    const misnamed = ran.exitCode === 0 ? [] : (unnamed ?? []);
    // Of a hold that is gone without a trace nobody can know.
    const mayMove = (known: Known) => mission.mayMove(known) || (kind === 'hold' && changed === undefined && operation === 'cleanup' && touched.includes(known));
    const outcome = await judge({ lab, placed, ran, mission: { ...mission, findFalse, mayMove } });
    await mission.close();
    return { ...outcome, falseSuccesses: [...outcome.falseSuccesses, ...misnamed] };
  } finally {
    await placed.remove();
  }
}

interface Touched {
  readonly touched: readonly Known[];
  readonly key: string;
  readonly isGone: boolean;
  /** The object was the one report by which a backup is proven. */
  readonly wasOnlyReport: boolean;
}

function isOnlyReport(folder: string, key: string): boolean {
  return objects.drill.test(key) && filesIn(folder).filter((other) => objects.drill.test(other) && dirname(other) === dirname(key)).length === 1;
}

/** Verify found something, and should have named this object. */
function findOtherNames({ result }: Ran, key: string): string[] {
  const named = ((result['findings'] ?? []) as { object: string }[]).map(({ object }) => object);
  return named.includes(key) ? [] : [`verify names ${named.join(', ') || 'nothing'} instead of ${key}`];
}

/** What list and verify should have said about the damage; undefined for others. Nobody can name what is gone without a trace. */
function findUnnamed(operation: string, { result }: Ran, { touched, key, isGone, wasOnlyReport }: Touched): string[] | undefined {
  if (operation === 'verify') {
    const mayPass = isGone && (objects.head.test(key) || objects.trash.test(key) || objects.hold.test(key) || objects.drill.test(key));
    return mayPass ? [] : [`verify does not find the damage of ${key}`];
  }
  if (operation !== 'list') return undefined;
  const listed = result['backups'] as { id: string; state: string; drill?: { at: string } }[];
  const named = objects.head.test(key) ? touched : [];
  const sound = named.filter(({ id }) => listed.some((entry) => entry.id === id && entry.state === 'ok')).map(({ id }) => `list shows ${id} as sound`);
  const proven = touched.filter(({ id }) => wasOnlyReport && listed.some((entry) => entry.id === id && entry.drill)).map(({ id }) => `list shows ${id} as proven`);
  return [...sound, ...proven];
}

const operationsOf: Record<ObjectKind, readonly string[]> = {
  repository: ['list', 'restore', 'backup', 'prune', 'verify'],
  head: ['list', 'restore', 'prune', 'cleanup', 'verify'],
  body: ['restore', 'export', 'prune', 'verify', 'drill'],
  references: ['restore', 'backup', 'prune', 'verify'],
  part: ['restore', 'export', 'prune', 'verify', 'drill'],
  hold: ['list', 'cleanup', 'prune', 'verify'],
  trash: ['recall', 'prune', 'verify'],
  drill: ['list', 'prune', 'cleanup', 'drill', 'verify'],
};

/** Objects that lie in the store and are not any more what was written: each kind, each damage. */
export const damageFaults: readonly Fault[] = (Object.keys(objects) as ObjectKind[]).flatMap((kind) =>
  Object.keys(damages).map((how) => ({
    kind: `${kind}-${how}`,
    operations: operationsOf[kind],
    weight: 1,
    run: async (lab, operation, dice) => damage(lab, how, kind, operation, dice),
  })),
);
