import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FailedResult, holdfastJson } from './holdfast.ts';
import { createRepository, type TestRepository } from './repositories.ts';

describe('forgetting one backup', () => {
  let repository: TestRepository;
  let source: string;

  const run = <Result = Record<string, unknown>>(words: readonly string[], exitCode = 0) => holdfastJson<Result>(words, { ...repository.variables, HOLDFAST_SOURCE: source }, exitCode);
  const backUp = async (): Promise<string> => (await run<{ id: string }>(['backup'])).id;
  const listed = async (...words: string[]) => (await run<{ backups: { id: string }[] }>(['list', ...words])).backups.map(({ id }) => id);

  beforeEach(async () => {
    repository = await createRepository({ store: 'directory', encrypted: false });
    const path = join(repository.folder, 'notes.sqlite');
    source = `sqlite://${path}`;
    const database = new DatabaseSync(path);
    database.exec("CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('first')");
    database.close();
  });
  afterEach(() => repository.remove());

  it('forgets that one, once, and recall brings it back', async () => {
    const [first, second] = [await backUp(), await backUp()];
    expect(await run(['forget', first, '--dry-run'])).toMatchObject({ id: first, already: false, dryRun: true });
    expect(await listed()).toEqual([first, second]);
    expect(await run(['forget', first])).toMatchObject({ id: first, source: 'notes', already: false });
    expect(await listed()).toEqual([second]);
    expect(await run(['forget', first])).toMatchObject({ id: first, already: true });
    await run(['recall', first]);
    expect(await listed()).toEqual([first, second]);
  });

  it('refuses the newest proven backup although newer ones are there, until that is confirmed', async () => {
    const [proven, newer] = [await backUp(), await backUp()];
    await run(['drill', proven]);
    const refused = await run<FailedResult>(['forget', proven], 7);
    expect(refused.error.code).toBe('LAST_RESTORABLE');
    expect(await listed()).toEqual([proven, newer]);
    await run(['forget', newer]);
    await run(['forget', proven, '--yes']);
    expect(await listed()).toEqual([]);
  });

  it('refuses the only backup, a held one, and one that is nowhere', async () => {
    const first = await backUp();
    expect((await run<FailedResult>(['forget', first], 7)).error.code).toBe('LAST_RESTORABLE');
    await backUp();
    await run(['hold', first]);
    expect((await run<FailedResult>(['forget', first], 7)).error.code).toBe('BACKUP_HELD');
    expect((await run<FailedResult>(['forget', '20200101T000000Z-aaaaaa'], 6)).error.code).toBe('BACKUP_NOT_FOUND');
  });

  it('names the ids that cleanup forgot and kept, for who keeps records of them', async () => {
    const ids = [await backUp(), await backUp(), await backUp()];
    expect(await run(['cleanup', '--keep-last', '1'])).toMatchObject({ forgottenIds: ids.slice(0, 2), keptIds: ids.slice(2) });
  });

  it('restores as latest what had finished by the moment that is given, whatever came later', async () => {
    const first = await backUp();
    const moment = new Date().toISOString();
    await backUp();
    const target = `sqlite://${join(repository.folder, 'restored.sqlite')}`;
    expect(await run(['restore', 'latest', '--to', target, '--finished-by', moment])).toMatchObject({ id: first });
    const before = await run<FailedResult>(['restore', 'latest', '--to', target, '--finished-by', '2020-01-01T00:00:00Z'], 6);
    expect(before.error.code).toBe('BACKUP_NOT_FOUND');
  });
});
