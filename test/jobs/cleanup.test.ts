import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FailedResult, holdfast, holdfastJson } from './holdfast.ts';
import { createRepository, type TestRepository } from './repositories.ts';

interface Listed {
  readonly backups: readonly { readonly id: string; readonly held: boolean; readonly heldReason?: string; readonly forgottenAt?: string }[];
}

interface CleanedUp {
  readonly forgotten: number;
  readonly kept: number;
  readonly decisions: readonly { readonly id: string; readonly keep: boolean; readonly reasons: readonly string[] }[];
}

describe('cleaning up', () => {
  let repository: TestRepository;
  let source: string;
  const ids: string[] = [];

  const run = (...words: string[]) => holdfastJson(words, { ...repository.variables, HOLDFAST_SOURCE: source });
  const listed = async (...words: string[]) => ((await run('list', ...words)) as unknown as Listed).backups.map(({ id }) => id);

  beforeAll(async () => {
    repository = await createRepository({ store: 'directory', encrypted: true });
    const path = join(repository.folder, 'notes.sqlite');
    source = `sqlite://${path}`;
    const database = new DatabaseSync(path);
    database.exec('CREATE TABLE notes (text TEXT)');
    for (let index = 0; index < 3; index += 1) {
      database.exec(`INSERT INTO notes VALUES ('note ${index}')`);
      ids.push((await run('backup'))['id'] as string);
    }
    database.close();
  });

  afterAll(() => repository.remove());

  it('plans in a dry run what it then does, says why, and can be undone', async () => {
    const planned = (await run('cleanup', '--keep-last', '1', '--dry-run')) as unknown as CleanedUp;
    expect(await listed()).toEqual(ids);
    const done = (await run('cleanup', '--keep-last', '1')) as unknown as CleanedUp;
    expect(done.decisions).toEqual(planned.decisions);
    expect(done.decisions.map(({ keep }) => keep)).toEqual([false, false, true]);
    expect(done.decisions[2]?.reasons).toContain('the newest backup');
    expect(await listed()).toEqual(ids.slice(2));
    expect(await listed('--trash')).toEqual(ids.slice(0, 2));

    await run('recall', ids[0] ?? '', '--dry-run');
    expect(await listed()).toEqual(ids.slice(2));
    for (const id of ids.slice(0, 2)) await run('recall', id);
    expect(await listed()).toEqual(ids);
    expect(await listed('--trash')).toEqual([]);
  });

  it('keeps a held backup until it is released, and says why it is held', async () => {
    const [first = ''] = ids;
    await run('hold', first, '--dry-run');
    expect(((await run('list')) as unknown as Listed).backups.some(({ held }) => held)).toBe(false);
    await run('hold', first, '--reason', 'audit of 2026');
    await run('release', first, '--dry-run');
    const held = ((await run('list')) as unknown as Listed).backups.find(({ id }) => id === first);
    expect(held).toMatchObject({ held: true, heldReason: 'audit of 2026' });
    const planned = (await run('cleanup', '--keep-last', '1', '--dry-run')) as unknown as CleanedUp;
    expect(planned.decisions.find(({ id }) => id === first)?.keep).toBe(true);
    await run('release', first);
    expect(((await run('cleanup', '--keep-last', '1', '--dry-run')) as unknown as CleanedUp).forgotten).toBe(2);
  });

  it('forgets nothing by age when all are young, and refuses to go without a rule', async () => {
    expect((await run('cleanup', '--older-than', '30d')) as unknown as CleanedUp).toMatchObject({ forgotten: 0, kept: 3 });
    const refused = await holdfastJson<FailedResult>(['cleanup'], repository.variables, 2);
    expect(refused.error.code).toBe('POLICY_MISSING');
  });

  it('asks before it forgets most of a source at once', async () => {
    for (let index = 0; index < 3; index += 1) ids.push((await run('backup'))['id'] as string);
    const refused = await holdfastJson<FailedResult>(['cleanup', '--keep-last', '1'], repository.variables, 7);
    expect(refused.error).toMatchObject({ code: 'MASS_DELETION_REFUSED', exitCode: 7 });
    expect(await listed()).toHaveLength(6);
    await run('cleanup', '--keep-last', '1', '--yes');
    expect(await listed()).toEqual(ids.slice(5));
  });

  it('prunes nothing inside the grace: what was forgotten a moment ago can still be recalled and restored', async () => {
    expect(await run('prune')).toMatchObject({ parts: 0, backups: 0 });
    const [first = ''] = ids;
    await run('recall', first);
    const target = join(repository.folder, 'recalled.sqlite');
    await run('restore', first, '--to', `sqlite://${target}`);
    const database = new DatabaseSync(target);
    expect(database.prepare('SELECT text FROM notes').all()).toEqual([{ text: 'note 0' }]);
    database.close();
  });

  it('reads well for people, in both languages', async () => {
    const english = await holdfast(['cleanup', '--older-than', '30d', '--dry-run'], repository.variables);
    expect(english.stdout).toMatch(/BACKUP +SOURCE +DECISION +WHY\n/);
    expect(english.stdout).toContain('0 would be forgotten, 2 stay.');
    const chinese = await holdfast(['list'], { ...repository.variables, LANG: 'zh_CN.UTF-8' });
    expect(chinese.stdout).toContain('备份');
  });
});
