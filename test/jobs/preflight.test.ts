import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDatabase, query, service, type TestDatabase } from '../services/database.ts';
import { holdfast, holdfastJson, temporaryFolder } from './holdfast.ts';

const folders = () => `${service('TEST_POSTGRES_BIN_15')}:${service('TEST_POSTGRES_BIN_18')}`;

describe('holdfast preflight', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(service('TEST_DATABASE_URL'));
    await query(database.url, 'CREATE UNLOGGED TABLE scratch (id int)');
  });
  afterAll(() => database.drop());

  it('needs no repository, and ends with 0 where there are warnings only', async () => {
    const variables = { HOLDFAST_SOURCE: database.url, HOLDFAST_POSTGRES_BIN: folders() };
    const result = await holdfastJson(['preflight'], variables);
    expect(result).toMatchObject({
      ok: true,
      server: expect.stringMatching(/^PostgreSQL 15/),
      counts: { error: 0, warning: 1, info: 0 },
      findings: [{ code: 'UNLOGGED_TABLES', level: 'warning', count: 1, names: ['"public"."scratch"'], message: expect.stringContaining('scratch') }],
    });
    const chinese = await holdfast(['preflight', '--language', 'zh'], variables);
    expect(chinese.stdout).toMatch(/^警告 {2}UNLOGGED_TABLES: 已备份 UNLOGGED 表/);
  });

  it('prints everything and ends with 3 where there is an error, as the backup would', async () => {
    await query(database.url, 'CREATE TABLE information_schema.strayed (id int)');
    const variables = { HOLDFAST_SOURCE: database.url, HOLDFAST_POSTGRES_BIN: folders() };
    const people = await holdfast(['preflight'], variables);
    expect(people.exitCode).toBe(3);
    expect(people.stdout).toMatch(/^error {2}TABLES_IN_SYSTEM_SCHEMAS: .*strayed.*\nwarning {2}UNLOGGED_TABLES: .*\n.*: 1 errors, 1 warnings, 0 remarks\.\n$/);
    expect(people.stderr).toContain('PREFLIGHT_FAILED: ');
    const programs = await holdfastJson(['preflight'], variables, 3);
    expect(programs).toMatchObject({ ok: false, counts: { error: 1 }, error: { code: 'PREFLIGHT_FAILED', exitCode: 3 } });
  });

  it('says that client programs are too old among everything else', async () => {
    // Debian's folder is looked into whatever the PATH.
    const installed = existsSync('/usr/lib/postgresql/18/bin/pg_dump');
    const newer = await createDatabase(service('TEST_DATABASE_18_URL'));
    try {
      await query(newer.url, 'CREATE UNLOGGED TABLE scratch (id int)');
      const found = await holdfastJson<{ findings: readonly { readonly code: string }[] }>(['preflight'], { HOLDFAST_SOURCE: newer.url, PATH: service('TEST_POSTGRES_BIN_15') }, installed ? 0 : 3);
      expect(found.findings.map(({ code }) => code)).toEqual([...(installed ? [] : ['POSTGRES_PROGRAMS_MISSING']), 'UNLOGGED_TABLES']);
    } finally {
      await newer.drop();
    }
  });

  it('looks at SQLite files, and ends with 3 where there is none', async () => {
    const folder = temporaryFolder('preflight');
    try {
      const path = join(folder.path, 'notes.sqlite');
      const notes = new DatabaseSync(path);
      notes.exec('CREATE TABLE notes (text TEXT)');
      notes.close();
      expect(await holdfastJson(['preflight'], { HOLDFAST_SOURCE: `sqlite://${path}` })).toMatchObject({ findings: [{ code: 'ROLLBACK_JOURNAL' }] });
      expect(await holdfastJson(['preflight'], { HOLDFAST_SOURCE: `sqlite://${path}.absent` }, 3)).toMatchObject({ error: { code: 'SQLITE_FILE_MISSING' } });
    } finally {
      folder.remove();
    }
  });
});
