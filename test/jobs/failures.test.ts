import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, query, service, type TestDatabase } from '../services/database.ts';
import { type FailedResult, holdfast, holdfastJson, temporaryFolder, type Variables } from './holdfast.ts';
import { createRepository, type TestRepository } from './repositories.ts';

const password = 'a-secret-that-must-never-show';

/** Every failure: its exit code, its error, no backup, no password anywhere, and something to do. */
describe('a failure', () => {
  let repository: TestRepository;
  let database: TestDatabase;

  beforeAll(async () => {
    repository = await createRepository({ store: 'directory', encrypted: true });
    database = await createDatabase(service('TEST_DATABASE_URL'));
    await query(database.url, 'CREATE TABLE t (id int PRIMARY KEY, word text); INSERT INTO t SELECT i, md5(i::text) FROM generate_series(1, 1000) i');
  });

  afterAll(async () => {
    await database.drop();
    repository.remove();
  });

  async function expectFailure(words: readonly string[], variables: Variables, expected: { readonly exitCode: number; readonly code: string; readonly says?: string | RegExp }): Promise<FailedResult> {
    const before = await backupCount();
    const all = { ...repository.variables, HOLDFAST_SOURCE: database.url, ...variables };
    const forPrograms = await holdfastJson<FailedResult>(words, all, expected.exitCode);
    const forPeople = await holdfast(words, all);
    expect(forPrograms.error).toMatchObject({ code: expected.code, exitCode: expected.exitCode });
    expect(forPrograms.error.message + forPrograms.error.hint).toMatch(expected.says ?? /./);
    expect(forPrograms.error.hint.length).toBeGreaterThan(10);
    expect(forPeople.exitCode).toBe(expected.exitCode);
    expect(forPeople.stderr).toContain(`${expected.code}: `);
    expect(JSON.stringify(forPrograms) + forPeople.stdout + forPeople.stderr).not.toContain(password);
    expect(await backupCount()).toBe(before);
    return forPrograms;
  }

  async function backupCount(): Promise<number> {
    return (await holdfastJson<{ backups: unknown[] }>(['list'], repository.variables)).backups.length;
  }

  function urlWith(change: (url: URL) => void): Variables {
    const url = new URL(database.url);
    change(url);
    return { HOLDFAST_SOURCE: url.href };
  }

  async function createRole(name: string): Promise<{ name: string; source: Variables; drop: () => Promise<void> }> {
    const role = `${name}_${database.name}`;
    await query(database.url, `CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
    return {
      name: role,
      source: urlWith((url) => Object.assign(url, { username: role, password })),
      drop: async () => void (await query(database.url, `DROP OWNED BY ${role}; DROP ROLE ${role}`)),
    };
  }

  async function expectOfStore(words: readonly string[], variables: Variables, expected: Parameters<typeof expectFailure>[2]): Promise<void> {
    const all = { ...repository.variables, HOLDFAST_SOURCE: database.url, ...variables };
    const failed = await holdfastJson<FailedResult>(words, all, expected.exitCode);
    expect(failed.error.code).toBe(expected.code);
    expect(failed.error.message + failed.error.hint).toMatch(expected.says ?? /./);
    expect(JSON.stringify(failed)).not.toContain(password);
  }

  describe('of the source', () => {
    it('unreachable: 3', async () => {
      await expectFailure(['backup'], urlWith((url) => Object.assign(url, { port: '1', password })), { exitCode: 3, code: 'SOURCE_UNREACHABLE', says: 'ECONNREFUSED' });
    });

    it('wrong password: 3', async () => {
      await expectFailure(['backup'], urlWith((url) => Object.assign(url, { password })), { exitCode: 3, code: 'SOURCE_REFUSED', says: /password/ });
    });

    it('no such database: 3', async () => {
      await expectFailure(['backup'], urlWith((url) => Object.assign(url, { pathname: '/absent' })), { exitCode: 3, code: 'SOURCE_REFUSED', says: /absent/ });
    });

    it('tables that may not be read: 3, and says which', async () => {
      const role = await createRole('reader');
      await query(database.url, `GRANT SELECT ON t TO ${role.name}; CREATE TABLE IF NOT EXISTS hidden (id int)`);
      await expectFailure(['backup'], role.source, { exitCode: 3, code: 'SOURCE_NOT_COVERED', says: /hidden/ });
      await query(database.url, 'DROP TABLE hidden');
      await role.drop();
    });

    it('row security in the way: 3, and says which table', async () => {
      const role = await createRole('tenant');
      await query(database.url, `CREATE TABLE rls (id int); ALTER TABLE rls ENABLE ROW LEVEL SECURITY; GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role.name}`);
      await expectFailure(['backup'], role.source, { exitCode: 3, code: 'SOURCE_NOT_COVERED', says: /rls/ });
      await query(database.url, 'DROP TABLE rls');
      await role.drop();
    });

    it('pg_dump killed midway: no backup, not 0', async () => {
      const folder = join(repository.folder, 'killed-bin');
      const real = service('TEST_POSTGRES_BIN_15');
      mkdirSync(folder, { recursive: true });
      for (const program of ['pg_dump', 'pg_restore', 'pg_dumpall', 'psql']) {
        // The real program, whose stream is cut and which is killed after its first kilobyte.
        const body = program === 'pg_dump' ? `case "$*" in *--version*) exec ${real}/pg_dump --version;; esac\n${real}/pg_dump "$@" | head -c 1024\nkill -9 $$` : `exec ${real}/${program} "$@"`;
        writeFileSync(join(folder, program), `#!/bin/sh\n${body}\n`);
        chmodSync(join(folder, program), 0o755);
      }
      const failed = await expectFailure(['backup'], { HOLDFAST_POSTGRES_BIN: folder }, { exitCode: 3, code: 'DUMP_FAILED', says: /pg_dump/ });
      expect(failed.error.message).toMatch(/SIGKILL|signal/);
    });

    it('a file that is not there or no database: 3', async () => {
      await expectFailure(['backup'], { HOLDFAST_SOURCE: `sqlite://${repository.folder}/absent.sqlite` }, { exitCode: 3, code: 'SQLITE_FILE_MISSING' });
      writeFileSync(join(repository.folder, 'garbage.sqlite'), 'no database at all, '.repeat(100));
      await expectFailure(['backup'], { HOLDFAST_SOURCE: `sqlite://${repository.folder}/garbage.sqlite` }, { exitCode: 3, code: 'SQLITE_NOT_A_DATABASE' });
    });
  });

  describe('of the store', () => {
    it('a directory that is no repository: 4, says init', async () => {
      const empty = temporaryFolder('empty');
      await expectOfStore(['list'], { HOLDFAST_REPOSITORY: `file://${empty.path}` }, { exitCode: 4, code: 'REPOSITORY_NOT_FOUND', says: /holdfast init/ });
      empty.remove();
    });

    it('a bucket’s server that is down: 4', async () => {
      const s3 = { HOLDFAST_REPOSITORY: 's3://bucket/x', HOLDFAST_S3_ENDPOINT: 'http://127.0.0.1:1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: password };
      await expectOfStore(['backup'], s3, { exitCode: 4, code: 'STORE_UNREACHABLE' });
    });

    it('wrong credentials of a bucket: 4', async () => {
      const s3 = {
        HOLDFAST_REPOSITORY: `s3://${service('TEST_S3_BUCKET')}/x`,
        HOLDFAST_S3_ENDPOINT: service('TEST_S3_ENDPOINT'),
        AWS_ACCESS_KEY_ID: service('TEST_S3_ACCESS_KEY_ID'),
        AWS_SECRET_ACCESS_KEY: password,
      };
      await expectOfStore(['backup'], s3, { exitCode: 4, code: 'STORE_REFUSED', says: /SignatureDoesNotMatch|403/ });
    });

    it('full: 4, and what was there stays whole', async () => {
      const full = temporaryFolder('full');
      const mount = join(full.path, 'volume');
      mkdirSync(mount);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', mount]);
      try {
        const variables = { ...repository.variables, HOLDFAST_REPOSITORY: `file://${join(mount, 'repository')}` };
        await holdfastJson(['init'], variables);
        const { id } = await holdfastJson<{ id: string }>(['backup'], { ...variables, HOLDFAST_SOURCE: database.url });
        await query(database.url, "CREATE TABLE big AS SELECT i, sha512(i::text::bytea) AS a, sha512((-i)::text::bytea) AS b FROM generate_series(1, 40000) i");
        const failed = await holdfastJson<FailedResult>(['backup'], { ...variables, HOLDFAST_SOURCE: database.url }, 4);
        expect(failed.error).toMatchObject({ code: 'STORE_FULL' });
        await query(database.url, 'DROP TABLE big');
        const { backups } = await holdfastJson<{ backups: { id: string }[] }>(['list'], variables);
        expect(backups.map((backup) => backup.id)).toEqual([id]);
        const restored = await holdfastJson<{ rows: number }>(['restore', id], { ...variables, HOLDFAST_SOURCE: database.url, HOLDFAST_TARGET: `${database.url}_restored` });
        expect(restored.rows).toBe(1000);
        await query(database.url, `DROP DATABASE "${database.name}_restored"`);
      } finally {
        execFileSync('umount', [mount]);
        full.remove();
      }
    });

    it('of another key: 4', async () => {
      const other = await createRepository({ store: 'directory', encrypted: true });
      const { HOLDFAST_REPOSITORY_KEY_FILE, HOLDFAST_RECIPIENTS } = other.variables;
      await expectOfStore(['list'], { HOLDFAST_REPOSITORY_KEY_FILE }, { exitCode: 2, code: 'REPOSITORY_KEY_MISMATCH' });
      await expectOfStore(['backup'], { HOLDFAST_RECIPIENTS }, { exitCode: 4, code: 'REPOSITORY_RECIPIENTS_MISMATCH' });
      other.remove();
    });
  });

  describe('of a restore', () => {
    let id: string;

    beforeAll(async () => {
      ({ id } = await holdfastJson<{ id: string }>(['backup'], { ...repository.variables, HOLDFAST_SOURCE: database.url }));
    });

    it('of an unknown backup: 6', async () => {
      await expectFailure(['restore', '19990101T000000Z'], {}, { exitCode: 6, code: 'BACKUP_NOT_FOUND', says: /holdfast list/ });
    });

    it('by an ambiguous prefix: 2, names the candidates; a source’s name is no prefix', async () => {
      const second = await holdfastJson<{ id: string }>(['backup'], { ...repository.variables, HOLDFAST_SOURCE: database.url });
      await expectFailure(['restore', '2'], {}, { exitCode: 2, code: 'BACKUP_AMBIGUOUS', says: new RegExp(second.id) });
      await expectFailure(['restore', 'test'], {}, { exitCode: 6, code: 'BACKUP_NOT_FOUND' });
    });

    it('into a database that is not empty: 7, and the database stays', async () => {
      await expectFailure(['restore', id], { HOLDFAST_TARGET: database.url }, { exitCode: 7, code: 'RESTORE_TARGET_OCCUPIED', says: /--swap/ });
      expect(await query(database.url, 'SELECT count(*)::int AS n FROM t')).toEqual([{ n: 1000 }]);
    });

    it('without the identity: 2, says which setting', async () => {
      await expectFailure(['restore', id], { HOLDFAST_IDENTITY_FILE: undefined, HOLDFAST_TARGET: `${database.url}_never` }, { exitCode: 2, code: 'REPOSITORY_IDENTITY_REQUIRED', says: /HOLDFAST_IDENTITY/ });
    });

    it('whose role is missing: says which, and how to go on', async () => {
      const role = `owner_${database.name}`;
      const owned = await createDatabase(service('TEST_DATABASE_URL'));
      await query(owned.url, `CREATE ROLE ${role}; CREATE TABLE mine (id int); ALTER TABLE mine OWNER TO ${role}`);
      const taken = await holdfastJson<{ id: string }>(['backup'], { ...repository.variables, HOLDFAST_SOURCE: owned.url });
      await owned.drop();
      await query(database.url, `DROP ROLE ${role}`);
      const target = { HOLDFAST_TARGET: `${database.url}_roles` };
      const failed = await holdfastJson<FailedResult>(['restore', taken.id], { ...repository.variables, ...target }, 3);
      expect(failed.error.message).toContain(role);
      expect(failed.error.message + failed.error.hint).toMatch(/skip-owners/);
      await holdfastJson(['restore', taken.id, '--skip-owners'], { ...repository.variables, ...target });
      await query(database.url, `DROP DATABASE "${database.name}_roles"`);
    });
  });

  it('of the command line: 2', async () => {
    for (const words of [['frobnicate'], ['restore'], ['backup', '--no-such-option'], ['cleanup', '--older-than', 'soon']]) {
      const failed = await holdfastJson<FailedResult>(words, repository.variables, 2);
      expect(failed.error.code).toBe('USAGE_INVALID');
    }
    const missing = await holdfastJson<FailedResult>(['backup'], repository.variables, 2);
    expect(missing.error).toMatchObject({ code: 'SETTING_MISSING' });
    const secret = await holdfastJson<FailedResult>(['backup', '--source', `postgres://me:${password}@db/x`], repository.variables, 2);
    expect(secret.error.code).toBe('OPTION_HOLDS_PASSWORD');
    expect(JSON.stringify(secret)).not.toContain(password);
  });

  it('is written to the result file too, for the container’s termination message', async () => {
    const path = join(repository.folder, 'result');
    await holdfastJson(['restore', 'absent'], { ...repository.variables, HOLDFAST_RESULT_FILE: path }, 6);
    expect(existsSync(path)).toBe(true);
    expect(JSON.parse(execFileSync('cat', [path], { encoding: 'utf8' }))).toMatchObject({ ok: false, error: { code: 'BACKUP_NOT_FOUND' } });
  });
});
