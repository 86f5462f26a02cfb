import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, query, service } from '../services/database.ts';
import { type FailedResult, holdfast, holdfastJson, temporaryFolder, type Variables } from './holdfast.ts';
import { createRepository, type TestRepository } from './repositories.ts';

interface Drilled {
  readonly id: string;
  readonly drill: string;
  readonly outcome: string;
  readonly rows: number;
  readonly checks: readonly { readonly name: string; readonly compared: number; readonly differing: number }[];
}

interface Listed {
  readonly backups: readonly { readonly id: string; readonly drill?: { readonly outcome: string; readonly drill: string; readonly at: string } }[];
}

interface Sample {
  readonly source: string;
  readonly variables: Variables;
  /** An assertion that holds and one that does not. */
  readonly holds: string;
  readonly fails: string;
  change(): Promise<unknown>;
  drop(): Promise<void>;
}

async function createPostgresSample(): Promise<Sample> {
  const database = await createDatabase(service('TEST_DATABASE_URL'));
  await query(database.url, 'CREATE SCHEMA sales; CREATE TABLE sales.orders (id serial PRIMARY KEY, note text); INSERT INTO sales.orders (note) SELECT md5(i::text) FROM generate_series(1, 3000) i; CREATE TABLE "<b>odd" (id int)');
  return {
    source: database.url,
    variables: { HOLDFAST_POSTGRES_BIN: service('TEST_POSTGRES_BIN_15') },
    holds: 'SELECT count(*) = 3000 FROM sales.orders;',
    fails: 'SELECT count(*) > 1000000 FROM sales.orders;',
    change: async () => query(database.url, 'UPDATE sales.orders SET note = $$changed$$ WHERE id = 7'),
    drop: () => database.drop(),
  };
}

function createSqliteSample(folder: string): Sample {
  const path = join(folder, 'orders.sqlite');
  const database = new DatabaseSync(path);
  database.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO orders SELECT i, hex(i * 2654435761) FROM n');
  return {
    source: `sqlite://${path}`,
    variables: {},
    holds: 'SELECT count(*) = 3000 FROM orders;',
    fails: 'SELECT count(*) > 1000000 FROM orders;',
    change: async () => database.exec("UPDATE orders SET note = 'changed' WHERE id = 7"),
    drop: async () => database.close(),
  };
}

describe.each([
  ['PostgreSQL', async () => createPostgresSample()],
  ['SQLite', async (folder: string) => createSqliteSample(folder)],
] as const)('drills of %s', (_kind, create) => {
  let repository: TestRepository;
  let sample: Sample;
  let variables: Variables;
  let scratch: { path: string; remove: () => void };
  let first = '';
  let second = '';

  const backUp = async () => (await holdfastJson<{ id: string }>(['backup', '--source-name', 'shop'], variables)).id;
  const drill = async <Result = Drilled>(words: readonly string[] = [], exitCode = 0) => holdfastJson<Result>(['drill', 'latest', '--scratch', scratch.path, ...words], variables, exitCode);
  const verdicts = async () => (await holdfastJson<Listed>(['list'], variables)).backups.map(({ drill: verdict }) => verdict?.outcome);
  const write = (name: string, content: string) => {
    const path = join(repository.folder, name);
    writeFileSync(path, content);
    return path;
  };

  beforeAll(async () => {
    repository = await createRepository({ store: 'directory', encrypted: true });
    sample = await create(repository.folder);
    scratch = temporaryFolder('scratch');
    chmodSync(scratch.path, 0o755); // Where the tests run as root, the throw-away server does not.
    variables = { ...repository.variables, ...sample.variables, HOLDFAST_SOURCE: sample.source };
    first = await backUp();
    await sample.change();
    second = await backUp();
  });

  afterAll(async () => {
    await sample.drop();
    scratch.remove();
    repository.remove();
  });

  it('prove a good backup, say so in list and show, and leave nothing behind', async () => {
    const page = join(repository.folder, `passed-${first}.html`);
    const drilled = await drill(['--report', page, '--assertions', write('holds.sql', sample.holds)]);
    expect(drilled).toMatchObject({ id: second, outcome: 'passed', findings: [] });
    expect(drilled.checks.every(({ differing }) => differing === 0)).toBe(true);
    expect(drilled.checks.find(({ name }) => name === 'content')?.compared).toBeGreaterThan(0);
    expect(drilled.checks.find(({ name }) => name === 'assertions')).toMatchObject({ compared: 1 });
    expect(drilled.rows).toBe(3000);
    expect(readdirSync(scratch.path)).toEqual([]);
    expect(await verdicts()).toEqual([undefined, 'passed']);

    const shown = await holdfast(['show', second, '--report', join(repository.folder, 'stored.html')], variables);
    expect(shown.stdout).toMatch(new RegExp(`DRILL +OUTCOME[^\\n]*\\n${drilled.drill} +passed`));
    expect(readFileSync(join(repository.folder, 'stored.html'), 'utf8')).toContain('This backup restores to exactly what was backed up.');
    expect(readFileSync(page, 'utf8')).toContain(`drills/shop/${second}/`);
    const list = await holdfast(['list'], variables);
    expect(list.stdout).toMatch(/PROVEN +NOTES\n/);
    expect(list.stdout).toMatch(new RegExp(`${second} .*KiB +[0-9.]+ s ago`));
  });

  it('that could not run change nothing, and are shown', async () => {
    const refused = await holdfastJson<FailedResult>(['drill', 'latest', '--scratch', join(scratch.path, 'none')], variables, 2);
    expect(refused.error.code).toBe('DRILL_SCRATCH_UNUSABLE');
    expect(await verdicts()).toEqual([undefined, 'passed']);
    expect((await holdfast(['show', second], variables)).stdout).toMatch(/could not run.*DRILL_SCRATCH_UNUSABLE/);
  });

  it('fail where assertions do not hold: exit code 5, in the reader’s language, with a result that fits a termination message', async () => {
    const file = join(repository.folder, 'result.json');
    const assertions = write('fails.sql', Array.from({ length: 12 }, () => `${sample.fails} -- ${'x'.repeat(600)}`).join('\n'));
    const said = await holdfast(['drill', 'latest', '--scratch', scratch.path, '--assertions', assertions, '--result-file', file], { ...variables, LANG: 'zh_CN.UTF-8' });
    expect(said).toMatchObject({ exitCode: 5, stdout: expect.stringContaining('未通过演练'), stderr: expect.stringContaining('DRILL_FAILED: ') });
    const result = readFileSync(file, 'utf8');
    expect(Buffer.byteLength(result)).toBeLessThanOrEqual(4096);
    expect(JSON.parse(result)).toMatchObject({ ok: false, outcome: 'failed', checks: expect.arrayContaining([{ name: 'assertions', compared: 12, differing: 12 }]), error: { code: 'DRILL_FAILED', exitCode: 5 } });
    expect((await holdfast(['list'], variables)).stdout).toContain('FAILED ');
  });

  it('keep the proven backup where policy alone would let it go', async () => {
    await holdfastJson(['drill', first, '--scratch', scratch.path], variables);
    expect(await verdicts()).toEqual(['passed', 'failed']);
    const planned = await holdfastJson<{ decisions: readonly { reasons: readonly string[] }[] }>(['cleanup', '--keep-last', '1', '--dry-run'], variables);
    expect(planned.decisions.map(({ reasons }) => reasons)).toEqual([expect.arrayContaining(['the newest proven backup']), expect.arrayContaining(['the newest backup'])]);
  });

  it('fail where a part is damaged, and pass again when it is whole', async () => {
    const parts = join(repository.folder, 'repository', 'parts');
    const files = readdirSync(parts, { recursive: true, encoding: 'utf8' }).filter((file) => file.includes('.'));
    const originals = files.map((file) => [join(parts, file), readFileSync(join(parts, file))] as const);
    for (const [path, content] of originals) writeFileSync(path, content.subarray(0, -1));
    const failed = await drill<Drilled & FailedResult>([], 5);
    expect(failed).toMatchObject({ ok: false, outcome: 'failed', error: { code: 'DRILL_FAILED', exitCode: 5 } });
    expect(await verdicts()).toEqual(['passed', 'failed']);
    for (const [path, content] of originals) writeFileSync(path, content);
    await drill();
    expect(await verdicts()).toEqual(['passed', 'passed']);
    expect(readdirSync(scratch.path)).toEqual([]);
  });
});
