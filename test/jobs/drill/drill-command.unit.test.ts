import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { CommandContext, Outcome } from '../../../jobs/commands/command.ts';
import { drillCommand } from '../../../jobs/commands/drill.ts';
import { readJobConfiguration } from '../../../jobs/configuration.ts';
import type { DrillResult, Engine } from '../../../jobs/engines/engine.ts';
import { sourceErrors } from '../../../jobs/engines/source-errors.ts';
import { createPostgresEngine } from '../../../jobs/engines/postgres/engine.ts';
import { createSqliteEngine } from '../../../jobs/engines/sqlite/engine.ts';
import { listDrilledBackups } from '../../../src/repository/backups/backups.ts';
import { openDrillReport, readDrills } from '../../../src/repository/drills/read-drills.ts';
import { generateKeys, readKeys } from '../../../src/repository/keys.ts';
import type { ManifestHead } from '../../../src/repository/manifest/manifest.ts';
import { bodyKey } from '../../../src/repository/manifest/object-keys.ts';
import { initRepository, type Repository } from '../../../src/repository/repository.ts';
import { createDirectoryStore } from '../../../src/repository/stores/directory.ts';
import { backUp, codeFrom, log, signal } from '../../repository/repository-fixture.ts';
import { temporaryFolder } from '../holdfast.ts';

const equal: DrillResult = { checks: [{ name: 'content', compared: 2, differing: 0 }], findings: [], tables: 2, rows: 5, bytes: 40, restoreMs: 12.4, checkMs: 3.6, restoredInto: 'PostgreSQL 18.1', warnings: [{ en: 'a newer extension', zh: '较新的扩展' }] };
const finding = { check: 'content', object: 'public.orders', part: 'ab'.repeat(32), expected: 'what was read', found: 'another row' } as const;
const different: DrillResult = { ...equal, checks: [{ name: 'content', compared: 2, differing: 1 }], findings: [finding] };

const readEverything: Engine['drill'] = async (_context, { body, parts }) => {
  for (const { slices } of body.streams) for (const slice of slices) await parts.read(slice);
  return equal;
};

interface Place {
  readonly repository: Repository;
  readonly head: ManifestHead;
  readonly folder: string;
  readonly configuration: CommandContext['configuration'];
  /** Runs the command with an engine that drills as told. */
  readonly drill: (work: Engine['drill'], input?: Record<string, unknown>, changes?: Partial<CommandContext>) => Promise<Outcome>;
  readonly verdict: () => Promise<string | undefined>;
  readonly outcomes: () => Promise<string[]>;
}

let cleanUp = () => {};
afterEach(() => cleanUp());

async function setUp(): Promise<Place> {
  const { path: folder, remove } = temporaryFolder('drill-command');
  cleanUp = remove;
  const texts = generateKeys(new Date());
  const keys = readKeys({ repositoryKey: texts.repositoryKey, identities: texts.identity, recipients: texts.recipient });
  const store = createDirectoryStore({ path: join(folder, 'repository') });
  const repository = await initRepository(store, { encryption: { kind: 'age', keys }, now: new Date(), signal });
  const head = await backUp(repository, ['one two', 'three four five']);
  const environment = { HOLDFAST_REPOSITORY: `file://${join(folder, 'repository')}`, HOLDFAST_REPOSITORY_KEY: texts.repositoryKey, HOLDFAST_IDENTITY: texts.identity };
  const engines = { postgres: createPostgresEngine({ environment: {}, programFolders: undefined }), sqlite: createSqliteEngine() };
  const context: CommandContext = {
    configuration: readJobConfiguration(environment, {}, drillCommand.settings),
    environment: {},
    language: 'en',
    log,
    signal,
    progress: { phase: () => undefined, advance: () => undefined },
    engines,
    stdout: new Writable(),
    version: '0.1.0',
  };
  return {
    repository,
    head,
    folder,
    configuration: context.configuration,
    drill: async (work, input = {}, changes = {}) => drillCommand.run({ ...context, engines: { ...engines, postgres: { ...engines.postgres, drill: work } }, ...changes }, { backup: 'latest', scratch: folder, ...input }),
    verdict: async () => (await listDrilledBackups(repository, { signal }))[0]?.verdict?.outcome,
    outcomes: async () => (await readDrills(repository, head, { signal })).map((drill) => (drill.state === 'ok' ? drill.document.outcome : drill.state)),
  };
}

describe('the command drill', () => {
  it('records a drill that passed, and says what it measured', async () => {
    const { drill, verdict, head } = await setUp();
    const { result, text, failure } = await drill(async () => equal);
    expect(failure).toBeUndefined();
    expect(result).toMatchObject({ id: head.id, outcome: 'passed', restoreMs: 12, checkMs: 4, restoredInto: 'PostgreSQL 18.1', checks: equal.checks, findings: [], warnings: ['a newer extension'] });
    expect(text).toContain(`Backup ${head.id} of shop is proven: 40 B in 2 tables restored in 0.0 s`);
    expect(await verdict()).toBe('passed');
  });

  it('ends with an integrity error where something differs, and says what', async () => {
    const { drill, verdict } = await setUp();
    const { result, text, failure } = await drill(async () => different);
    expect(failure).toMatchObject({ code: 'DRILL_FAILED', category: 'integrity' });
    expect(failure?.message).toContain('Differences: 1. The first is in public.orders: expected what was read, found another row');
    expect(result).toMatchObject({ outcome: 'failed', findings: [finding] });
    expect(text).toContain('- Content of public.orders: expected what was read, found another row');
    expect(await verdict()).toBe('failed');
  });

  it('takes a difference that is only counted for one all the same', async () => {
    const { drill, verdict } = await setUp();
    const { failure } = await drill(async () => ({ ...different, findings: [] }));
    expect(failure).toMatchObject({ code: 'DRILL_FAILED' });
    expect(await verdict()).toBe('failed');
  });

  it('keeps a drill that could not run apart: it is recorded, and changes nothing', async () => {
    const { drill, verdict, outcomes, repository, head } = await setUp();
    await drill(async () => equal);
    const refused = drill(async () => {
      throw sourceErrors.SOURCE_REFUSED({ source: 'the throw-away server', reason: 'no postgis' });
    });
    expect(await codeFrom(refused)).toBe('SOURCE_REFUSED');
    expect(await verdict()).toBe('passed');
    expect(await outcomes()).toEqual(['could-not-run', 'passed']);
    const [last] = await readDrills(repository, head, { signal });
    if (last?.state !== 'ok') throw new Error('there is no report');
    expect(openDrillReport(repository, last.document)).toMatchObject({ errorCode: 'SOURCE_REFUSED', details: { error: { message: { en: expect.stringContaining('no postgis'), zh: expect.stringContaining('no postgis') } } } });
  });

  it('shows nothing of what an unforeseen failure says', async () => {
    const { drill, outcomes, repository, head } = await setUp();
    await expect(drill(async () => Promise.reject(new TypeError('password=hunter2')))).rejects.toThrow(TypeError);
    expect(await outcomes()).toEqual(['could-not-run']);
    const [last] = await readDrills(repository, head, { signal });
    if (last?.state !== 'ok') throw new Error('there is no report');
    expect(JSON.stringify(openDrillReport(repository, last.document))).not.toContain('hunter2');
  });

  it('fails a backup whose parts are not what was stored, or whose body is gone', async () => {
    const { drill, verdict, repository, head, folder } = await setUp();
    expect((await drill(readEverything)).failure).toBeUndefined();
    const partFolder = join(folder, 'repository', 'parts');
    const [name = ''] = (await readdir(partFolder, { recursive: true })).filter((file) => file.endsWith('.age'));
    await writeFile(join(partFolder, name), 'x');
    const { failure, result } = await drill(readEverything);
    expect(failure).toMatchObject({ code: 'DRILL_FAILED', values: { object: 'table' } });
    expect(result).toMatchObject({ outcome: 'failed', reason: { code: 'OBJECT_CORRUPT' }, findings: [{ check: 'content', part: name.slice(3, 67) }] });
    expect(await verdict()).toBe('failed');

    await repository.store.delete(bodyKey(head), { signal });
    expect((await drill(async () => equal)).failure).toMatchObject({ values: { object: bodyKey(head) } });
  });

  it('records nothing when it is stopped', async () => {
    const { drill, outcomes } = await setUp();
    const stop = new AbortController();
    const stopped = drill(
      async () => {
        stop.abort(new Error('SIGTERM'));
        throw sourceErrors.SOURCE_REFUSED({ source: 'the throw-away server', reason: 'terminated' });
      },
      {},
      { signal: stop.signal },
    );
    await expect(stopped).rejects.toThrow('SIGTERM');
    expect(await outcomes()).toEqual([]);
  });

  it('does not prove what it could not record, and says of a failure that it was not recorded', async () => {
    const { drill, folder } = await setUp();
    const block: Engine['drill'] = async () => {
      await writeFile(join(folder, 'repository', 'drills'), 'a file where the folder belongs');
      return equal;
    };
    expect(await codeFrom(drill(block))).toMatch(/^STORE_/);
    await rm(join(folder, 'repository', 'drills'));
    const { failure, text, result } = await drill(async (...given) => ({ ...(await block(...given)), ...different }));
    expect(failure).toMatchObject({ code: 'DRILL_FAILED' });
    expect(text).toContain('! The report is not in the repository: ');
    expect(result).toMatchObject({ unrecorded: { code: expect.stringMatching(/^STORE_/) } });
  });

  it('needs an identity, and says so before anything is restored', async () => {
    const { drill, outcomes, configuration } = await setUp();
    const blind = drill(async () => equal, {}, { configuration: { ...configuration, HOLDFAST_IDENTITY: undefined } });
    expect(await codeFrom(blind)).toBe('REPOSITORY_IDENTITY_REQUIRED');
    expect(await outcomes()).toEqual([]);
  });

  it('hands the assertions over as they are, and asks for a file that it can read first', async () => {
    const { drill, folder, outcomes } = await setUp();
    const path = join(folder, 'assertions.sql');
    await writeFile(path, 'SELECT count(*) > 0 FROM orders;');
    let given: string | undefined;
    await drill(
      async (_context, request) => {
        given = request.assertions;
        return equal;
      },
      { assertions: path },
    );
    expect(given).toBe('SELECT count(*) > 0 FROM orders;');
    expect(await codeFrom(drill(async () => equal, { assertions: join(folder, 'none.sql') }))).toBe('ASSERTIONS_UNREADABLE');
    expect(await outcomes()).toEqual(['passed']);
  });

  it('writes the page to a new file, of a drill that could not run too, and never over another', async () => {
    const { drill, folder, outcomes } = await setUp();
    const path = join(folder, 'report.html');
    await codeFrom(drill(async () => Promise.reject(sourceErrors.SOURCE_REFUSED({ source: 's', reason: 'no postgis' })), { report: path }));
    expect(await readFile(path, 'utf8')).toContain('no postgis');
    expect(await codeFrom(drill(async () => equal, { report: path }))).toBe('REPORT_FILE_EXISTS');
    expect(await outcomes()).toEqual(['could-not-run']);
  });
});
