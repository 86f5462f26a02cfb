import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listBackups } from '../../src/repository/backups/backups.ts';
import { requireSound } from '../../src/repository/backups/resolve-backup.ts';
import { readKeys } from '../../src/repository/keys.ts';
import type { EngineKind, ManifestHead } from '../../src/repository/manifest/manifest.ts';
import { readManifestBody } from '../../src/repository/manifest/manifest-body.ts';
import { openParts } from '../../src/repository/parts/open-parts.ts';
import { openRepository, type Repository } from '../../src/repository/repository.ts';
import { openStore } from '../../src/repository/stores/open-store.ts';
import type { Store } from '../../src/repository/stores/store.ts';
import type { Variables } from '../jobs/holdfast.ts';
import { createDatabase, query, service } from '../services/database.ts';
import { runCommand } from './commands.ts';
import { createDice } from './dice.ts';
import { createLedger, createNotes, execute, ledgerSql, notesSql, type Source } from './sources.ts';

/** A backup that is known to be good: what it must give back for as long as it is not forgotten and swept. */
export interface Known {
  readonly source: string;
  readonly id: string;
  readonly engine: EngineKind;
  readonly place: 'live' | 'trash';
  readonly held: boolean;
  /** `Source.content` of the database when it was backed up. */
  readonly content: string;
  /** Hash over every byte of its streams. */
  readonly streams: string;
  /** Keys of the parts that it needs. */
  readonly parts: readonly string[];
}

/** A repository that cases start from, in a folder. Nobody writes to it: cases work on copies. */
export interface Template {
  readonly folder: string;
  readonly encrypted: boolean;
  /** The keys' variables. */
  readonly keys: Variables;
  readonly known: readonly Known[];
}

export interface Templates {
  readonly encrypted: Template;
  readonly plain: Template;
  /** Another repository under the same keys: what comes from there has a good seal, and must be refused all the same. */
  readonly other: Template;
  /** Name of the PostgreSQL database that sources are copied from. */
  readonly ledger: string;
  /** Path of the SQLite file that sources are copied from. */
  readonly notes: string;
}

const postgresBin = () => ({ HOLDFAST_POSTGRES_BIN: service('TEST_POSTGRES_BIN_15') });

/** Makes the templates by the commands themselves, and `templates.json`, from which `readTemplates` gives them to another process. */
export async function buildTemplates(folder: string): Promise<Templates> {
  const keys = await makeKeys(join(folder, 'keys'));
  const ledger = await createDatabase(service('TEST_DATABASE_URL'));
  await query(ledger.url, ledgerSql);
  const notes = join(folder, 'notes.sqlite');
  execute(notes, createDice(1), notesSql);
  // Without a write-ahead log beside it, a copy of the file is a copy of the database.
  execute(notes, createDice(1), 'PRAGMA journal_mode = DELETE');
  const make = (name: string, withKeys: Variables | undefined) => buildTemplate(join(folder, name), withKeys, { ledger: ledger.name, notes, folder });
  const templates: Templates = { encrypted: await make('encrypted', keys), plain: await make('plain', undefined), other: await make('other', keys), ledger: ledger.name, notes };
  writeFileSync(join(folder, 'templates.json'), JSON.stringify(templates));
  return templates;
}

export function readTemplates(folder: string): Templates {
  return JSON.parse(readFileSync(join(folder, 'templates.json'), 'utf8')) as Templates;
}

export async function dropTemplates({ ledger }: Templates): Promise<void> {
  await query(service('TEST_DATABASE_URL'), `DROP DATABASE IF EXISTS ${ledger} WITH (FORCE)`);
}

/** Of each source an old, a newer and a newest backup: the oldest of the notes is forgotten, the others proven; the oldest of the ledger is held. */
async function buildTemplate(path: string, keys: Variables | undefined, from: { ledger: string; notes: string; folder: string }): Promise<Template> {
  mkdirSync(path, { recursive: true });
  const variables: Variables = { HOLDFAST_REPOSITORY: `file://${path}`, ...keys, ...postgresBin() };
  await succeed(['init', ...(keys ? [] : ['--no-encryption'])], variables);
  const contents = new Map<string, string>();
  const dice = createDice(1);
  for (const source of [await createLedger(from.ledger), createNotes(from.notes, from.folder)]) {
    for (let round = 0; round < 3; round += 1) {
      await source.change(dice);
      contents.set(await backUp(source, variables), await source.content());
    }
    await source.drop();
  }
  const repository = await openTemplate(path, keys ?? {});
  const entries = (await listBackups(repository, { signal: new AbortController().signal })).map(requireSound);
  const oldest = (name: string) => entries.find(({ source }) => source === name)?.id ?? '';
  const newest = entries.findLast(({ source }) => source === 'notes')?.id ?? '';
  for (const id of [newest, newest, entries.findLast((entry) => entry.source === 'notes' && entry.id !== newest)?.id ?? '']) await succeed(['drill', id], variables);
  await succeed(['hold', oldest('ledger'), '--reason', 'audit'], variables);
  await succeed(['cleanup', '--source-name', 'notes', '--keep-last', '2'], variables);
  const known: Known[] = [];
  for (const { head } of entries) {
    const { source, id, engine } = head;
    const { streams, parts } = await readWhole(repository, head);
    const place = id === oldest('notes') ? 'trash' : 'live';
    known.push({ source, id, engine, place, held: id === oldest('ledger'), content: contents.get(id) ?? '', streams, parts });
  }
  return { folder: path, encrypted: keys !== undefined, keys: keys ?? {}, known };
}

async function backUp(source: Source, variables: Variables): Promise<string> {
  const { id } = await succeed(['backup'], { ...variables, HOLDFAST_SOURCE: source.address, HOLDFAST_SOURCE_NAME: source.name });
  return String(id);
}

async function succeed(words: readonly string[], variables: Variables): Promise<Readonly<Record<string, unknown>>> {
  const { exitCode, result, said } = await runCommand(words, variables);
  if (exitCode !== 0) throw new Error(`holdfast ${words.join(' ')} failed: ${said}`);
  return result;
}

async function makeKeys(folder: string): Promise<Variables> {
  await succeed(['keygen', '--directory', folder], {});
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { HOLDFAST_REPOSITORY_KEY: read('repository.key').trim(), HOLDFAST_RECIPIENTS: read('recipients.txt'), HOLDFAST_IDENTITY: read('identity.txt') };
}

async function openTemplate(path: string, keys: Variables): Promise<Repository> {
  return openWith(await openStore(`file://${path}`), keys);
}

/** Opens the repository of a store with all the keys there are. */
export async function openWith(store: Store, keys: Variables): Promise<Repository> {
  const { HOLDFAST_REPOSITORY_KEY: repositoryKey, HOLDFAST_RECIPIENTS: recipients, HOLDFAST_IDENTITY: identities } = keys;
  const texts = { ...(repositoryKey !== undefined && { repositoryKey }), ...(recipients !== undefined && { recipients }), ...(identities !== undefined && { identities }) };
  return openRepository(store, { keys: readKeys(texts), signal: new AbortController().signal });
}

/** Reads every byte of a backup through every check: a hash over its streams, and the keys of its parts. Throws where it is not whole. */
export async function readWhole(repository: Repository, head: ManifestHead): Promise<{ streams: string; parts: string[] }> {
  const { signal } = new AbortController();
  const body = await readManifestBody(repository, head, { signal });
  const source = openParts(repository, { signal });
  const hash = createHash('sha256');
  const parts = new Set<string>();
  for (const { kind, details, slices } of body.streams) {
    hash.update(JSON.stringify({ kind, details }));
    for await (const bytes of source.readAll(slices)) hash.update(bytes);
    for (const { part, encoding } of slices) parts.add(`parts/${part.slice(0, 2)}/${part}.${encoding}`);
  }
  return { streams: hash.digest('hex'), parts: [...parts] };
}
