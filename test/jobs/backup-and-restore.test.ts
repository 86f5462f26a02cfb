import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { createDatabase, query, service } from '../services/database.ts';
import { holdfastJson, type Variables } from './holdfast.ts';
import { createRepository } from './repositories.ts';

/** One database of one engine: how to make it, to change it, and to say what it contains. */
interface Sample {
  readonly source: string;
  readonly target: string;
  readonly variables: Variables;
  change(): Promise<void>;
  contentOf(address: string): Promise<unknown>;
  drop(): Promise<void>;
}

const words = "SELECT i AS id, md5(i::text) AS word, repeat('x', i % 50) AS filler FROM generate_series(1, 20000) AS i";

async function createPostgresSample(version: '15' | '18'): Promise<Sample> {
  const database = await createDatabase(service(version === '15' ? 'TEST_DATABASE_URL' : 'TEST_DATABASE_18_URL'));
  await query(database.url, `CREATE TABLE words AS ${words}; ALTER TABLE words ADD PRIMARY KEY (id); CREATE TABLE "Empty one" (id int); ANALYZE`);
  const target = `${database.url}_restored`;
  return {
    source: database.url,
    target,
    variables: { HOLDFAST_POSTGRES_BIN: service(`TEST_POSTGRES_BIN_${version}`) },
    change: async () => void (await query(database.url, 'DELETE FROM words WHERE id = 77; INSERT INTO words VALUES (77, NULL, $$line\none\ttab \\ back$$)')),
    contentOf: (address) => query(address, "SELECT md5(string_agg(w::text, ',' ORDER BY id)) AS hash, count(*) AS rows FROM words AS w"),
    drop: async () => {
      await query(database.url, `DROP DATABASE IF EXISTS "${database.name}_restored" WITH (FORCE)`);
      await database.drop();
    },
  };
}

function createSqliteSample(folder: string): Sample {
  const path = join(folder, 'words.sqlite');
  const database = new DatabaseSync(path);
  database.exec("CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO words SELECT i, hex(i * 2654435761) FROM n");
  return {
    source: `sqlite://${path}`,
    target: `sqlite://${join(folder, 'restored.sqlite')}`,
    variables: {},
    change: async () => database.exec("UPDATE words SET word = 'changed' WHERE id = 77"),
    contentOf: async (address) => {
      const copy = new DatabaseSync(address.replace('sqlite://', ''), { readOnly: true });
      const rows = copy.prepare('SELECT id, word FROM words ORDER BY id').all();
      copy.close();
      return rows;
    },
    drop: async () => database.close(),
  };
}

const kinds = {
  'PostgreSQL 15': () => createPostgresSample('15'),
  'PostgreSQL 18': () => createPostgresSample('18'),
  SQLite: async (folder: string) => createSqliteSample(folder),
};

const combinations = Object.keys(kinds).flatMap((kind) =>
  (['directory', 's3'] as const).flatMap((store) => [
    { kind, store, encrypted: true, compress: true },
    { kind, store, encrypted: false, compress: false },
  ]),
);

describe('a backup', () => {
  it.each(combinations)('of $kind in a $store store (encrypted: $encrypted, compressed: $compress) comes back equal, and the next one costs what changed', async ({ kind, store, encrypted, compress }) => {
    const repository = await createRepository({ store, encrypted });
    const sample = await kinds[kind as keyof typeof kinds](repository.folder);
    try {
      const variables = { ...repository.variables, ...sample.variables, HOLDFAST_SOURCE: sample.source };
      const flags = compress ? [] : ['--no-compress'];
      const first = await holdfastJson<{ id: string; sizes: { raw: number; stored: number; newStored: number } }>(['backup', ...flags], variables);
      expect(first.sizes.stored / first.sizes.raw > 0.9).toBe(!compress);
      const content = await sample.contentOf(sample.source);
      await sample.change();
      const second = await holdfastJson<{ id: string; sizes: { newStored: number; stored: number } }>(['backup', ...flags], variables);
      expect(second.sizes.newStored).toBeLessThan(second.sizes.stored);

      await holdfastJson(['restore', first.id], { ...variables, HOLDFAST_TARGET: sample.target });
      expect(await sample.contentOf(sample.target)).toEqual(content);
      await holdfastJson(['restore', 'latest', '--overwrite'], { ...variables, HOLDFAST_TARGET: sample.target });
      expect(await sample.contentOf(sample.target)).toEqual(await sample.contentOf(sample.source));

      const dry = await holdfastJson<{ sizes: { newParts: number } }>(['backup', '--dry-run'], variables);
      // pg_dump writes its own time into the definitions.
      expect(dry.sizes.newParts).toBeLessThanOrEqual(1);
      const shown = await holdfastJson<{ streams: { kind: string }[] }>(['show', second.id], variables);
      expect(shown.streams.length).toBeGreaterThan(0);
    } finally {
      await sample.drop();
      repository.remove();
    }
  });
});
