import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { createDirectoryStore } from '../../src/repository/stores/directory.ts';
import { createS3Store } from '../../src/repository/stores/s3.ts';
import type { Store, StoredObject } from '../../src/repository/stores/store.ts';
import { type FailedResult, holdfast, holdfastJson, type Variables } from './holdfast.ts';
import { createRepository } from './repositories.ts';

interface Verified {
  readonly ok: boolean;
  readonly parts: number;
  readonly partsRead: number;
  readonly found: number;
  readonly findings: readonly { readonly object: string; readonly problem: string; readonly description: string; readonly backups: readonly string[] }[];
}

const { signal } = new AbortController();

function openStoreOf({ HOLDFAST_REPOSITORY: address = '', ...variables }: Variables): Store {
  const { protocol, host, pathname } = new URL(address);
  if (protocol === 'file:') return createDirectoryStore({ path: pathname });
  return createS3Store({
    bucket: host,
    prefix: pathname.slice(1),
    endpoint: variables['HOLDFAST_S3_ENDPOINT'],
    region: variables['HOLDFAST_S3_REGION'],
    credentials: { accessKeyId: variables['AWS_ACCESS_KEY_ID'] ?? '', secretAccessKey: variables['AWS_SECRET_ACCESS_KEY'] ?? '' },
  });
}

function createNotes(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) INSERT INTO notes SELECT i, hex(randomblob(20)) FROM n');
  return database;
}

describe.each(['directory', 's3'] as const)('verify, in a %s store', (kind) => {
  it('finds a flipped bit, names what it touches, and after a repair the next backup makes the old ones whole', async () => {
    const repository = await createRepository({ store: kind, encrypted: true });
    const path = join(repository.folder, 'notes.sqlite');
    const database = createNotes(path);
    const variables = { ...repository.variables, HOLDFAST_SOURCE: `sqlite://${path}` };
    const run = <Result = Verified>(...words: string[]) => holdfastJson<Result>(words, variables);
    const fails = (...words: string[]) => holdfastJson<Verified>(words, variables, 5);
    const store = openStoreOf(variables);
    try {
      const { id: first } = await run<{ id: string }>('backup');
      database.exec("UPDATE notes SET text = 'changed' WHERE id = 3");
      const { id: second } = await run<{ id: string }>('backup');
      const whole = await run('verify', '--read-data');
      expect(whole).toMatchObject({ ok: true, found: 0, findings: [], partsRead: whole.parts, bodiesRead: true });

      const [largest] = (await Array.fromAsync(store.list('parts/', { signal }))).toSorted((one, other) => other.size - one.size);
      const { key } = largest as StoredObject;
      const bytes = Buffer.from(await store.get(key, { signal }));
      bytes[bytes.length >>> 1] = (bytes[bytes.length >>> 1] ?? 0) ^ 1;
      await store.put(key, bytes, { signal });

      expect(await run('verify')).toMatchObject({ found: 0, partsRead: 0 });
      const shares = [];
      for (let number = 1; number <= 3; number += 1) shares.push(await holdfast(['verify', '--read-data', `${number}/3`, '--json'], variables));
      expect(shares.filter(({ exitCode }) => exitCode === 0)).toHaveLength(2);
      expect(shares.filter(({ exitCode }) => exitCode === 5)).toHaveLength(1);
      expect(shares.reduce((sum, { stdout }) => sum + (JSON.parse(stdout) as Verified).partsRead, 0)).toBe(whole.parts);

      const found = await fails('verify', '--read-data', '--repair');
      expect(found).toMatchObject({ ok: false, found: 1, error: { code: 'REPOSITORY_NOT_WHOLE' } });
      expect(found.findings).toMatchObject([{ object: key, problem: 'damaged', marked: true }]);
      expect(found.findings[0]?.backups).toEqual(expect.arrayContaining([`notes/${first}`, `notes/${second}`]));
      const english = await holdfast(['verify'], variables);
      expect(english.exitCode).toBe(5);
      expect(english.stdout).toContain(key);
      expect(english.stdout).toContain('back up their sources again');
      expect(english.stderr).toContain('REPOSITORY_NOT_WHOLE');
      expect((await holdfast(['verify'], { ...variables, LANG: 'zh_CN.UTF-8' })).stdout).toContain('已损坏');
      const target = `sqlite://${join(repository.folder, 'restored.sqlite')}`;
      await holdfastJson<FailedResult>(['restore', first, '--to', target], variables, 5);

      await run('backup');
      expect(await run('verify', '--read-data')).toMatchObject({ ok: true, found: 0 });
      await run('restore', first, '--to', target);
      const restored = new DatabaseSync(target.replace('sqlite://', ''), { readOnly: true });
      expect(restored.prepare("SELECT count(*) AS rows, sum(text = 'changed') AS changed FROM notes").get()).toEqual({ rows: 20_000, changed: 0 });
      restored.close();
      expect(await run('prune')).toMatchObject({ files: 1, parts: 0 });
    } finally {
      database.close();
      await store.close();
      repository.remove();
    }
  });
});

describe('verify', () => {
  it('keeps its result within 4 KiB when all is lost, and says what it needs before it begins', async () => {
    const repository = await createRepository({ store: 'directory', encrypted: true });
    const path = join(repository.folder, 'notes.sqlite');
    createNotes(path).close();
    const resultFile = join(repository.folder, 'result.json');
    const variables = { ...repository.variables, HOLDFAST_SOURCE: `sqlite://${path}`, HOLDFAST_RESULT_FILE: resultFile };
    const store = openStoreOf(variables);
    try {
      const { id } = await holdfastJson<{ id: string }>(['backup'], variables);
      const parts = await Array.fromAsync(store.list('parts/', { signal }));
      for (const { key } of parts) await store.delete(key, { signal });
      const found = await holdfastJson<Verified>(['verify', id], variables, 5);
      expect(found).toMatchObject({ found: parts.length });
      const result = await readFile(resultFile, 'utf8');
      expect(Buffer.byteLength(result)).toBeLessThanOrEqual(4096);
      expect(JSON.parse(result)).toMatchObject({ ok: false, found: parts.length, error: { exitCode: 5 } });

      const blind = { ...variables, HOLDFAST_IDENTITY_FILE: undefined };
      expect((await holdfastJson<FailedResult>(['verify', '--read-data'], blind, 2)).error.code).toBe('REPOSITORY_IDENTITY_REQUIRED');
      expect(await holdfastJson<Verified>(['verify'], blind, 5)).toMatchObject({ found: parts.length, bodiesRead: false });
      expect((await holdfastJson<FailedResult>(['verify', '--read-data', '8/7'], variables, 2)).error.message).toContain('n/m');
      expect((await holdfastJson<FailedResult>(['verify', '--repair'], variables, 2)).error.message).toContain('--read-data');
      expect((await holdfastJson<FailedResult>(['verify', '20200101T000000Z'], variables, 6)).error.code).toBe('BACKUP_NOT_FOUND');
    } finally {
      await store.close();
      repository.remove();
    }
  });
});
