import { describe, expect, it } from '@jest/globals';
import { createDatabase, query, service } from '../services/database.ts';
import { holdfast, holdfastJson } from './holdfast.ts';
import { createRepository } from './repositories.ts';

interface Taken {
  readonly id: string;
  readonly suspicious?: readonly string[];
}

interface Listed {
  readonly backups: readonly { readonly id: string; readonly suspicious: boolean }[];
}

describe('a database that has lost nearly all its rows', () => {
  it('gives a suspicious backup, on whose account cleanup forgets no good one until a person accepts it', async () => {
    const repository = await createRepository({ store: 'directory', encrypted: true });
    const database = await createDatabase(service('TEST_DATABASE_URL'));
    const variables = { ...repository.variables, HOLDFAST_SOURCE: database.url, HOLDFAST_POSTGRES_BIN: service('TEST_POSTGRES_BIN_15') };
    const run = <Result>(...words: string[]) => holdfastJson<Result>(words, variables);
    const listed = async () => (await run<Listed>('list')).backups.map(({ id, suspicious }) => [id, suspicious]);
    try {
      await query(database.url, "CREATE TABLE words (id int PRIMARY KEY, word text); INSERT INTO words SELECT i, md5(i::text) FROM generate_series(1, 20000) AS i");
      const good: Taken[] = [];
      for (let count = 0; count < 2; count += 1) good.push(await run<Taken>('backup'));
      expect(good.map(({ suspicious }) => suspicious)).toEqual([undefined, undefined]);

      await query(database.url, 'DELETE FROM words WHERE id % 40 <> 0');
      const said = await holdfast(['backup'], variables);
      expect(said.exitCode).toBe(0);
      expect(said.stdout).toMatch(/! there are 500 rows, usual is 20000\n! This backup is suspicious.*holdfast accept/);
      expect(said.stderr).toContain('marked as suspicious');
      const bad = await run<Taken>('backup');
      expect(bad.suspicious).toContain('there are 500 rows, usual is 20000');
      expect((await listed()).map(([, suspicious]) => suspicious)).toEqual([false, false, true, true]);
      expect((await holdfast(['list'], variables)).stdout).toContain('SUSPICIOUS: there are 500 rows');
      expect(await run('show', bad.id)).toMatchObject({ suspicious: true, anomalies: [expect.stringContaining('500 rows')] });

      await run('cleanup', '--keep-last', '1');
      expect(await listed()).toEqual([
        [good[1]?.id, false],
        [bad.id, true],
      ]);

      await run('accept', bad.id, '--dry-run');
      expect(await listed()).toContainEqual([bad.id, true]);
      await run('accept', bad.id, '--reason', 'the archive was emptied');
      expect((await run<Taken>('backup')).suspicious).toBeUndefined();
      await run('cleanup', '--keep-last', '2');
      expect((await listed()).map(([id]) => id)).not.toContain(good[1]?.id);
      await run('accept', bad.id, '--withdraw');
      expect(await listed()).toContainEqual([bad.id, true]);
    } finally {
      await database.drop();
      repository.remove();
    }
  });
});
