import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type SentrySink, startSentrySink } from '../operations/sentry/sentry-sink.ts';
import { holdfast, type Variables } from './holdfast.ts';
import { createRepository, type TestRepository } from './repositories.ts';

let sink: SentrySink;
let repository: TestRepository;
let variables: Variables;

beforeAll(async () => {
  sink = await startSentrySink();
  repository = await createRepository({ store: 'directory', encrypted: true });
  const path = join(repository.folder, 'notes.sqlite');
  const database = new DatabaseSync(path);
  database.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO notes SELECT i, hex(randomblob(20)) FROM n');
  database.close();
  variables = { ...repository.variables, HOLDFAST_SOURCE: `sqlite://${path}`, SENTRY_DSN: sink.dsn, RELEASE: 'holdfast@9', ENVIRONMENT: 'staging' };
});

afterAll(async () => {
  repository.remove();
  await sink.close();
});

const checkIns = (): unknown[] => sink.items('check_in').map((item) => [item['monitor_slug'], item['status']]);

describe('a job with SENTRY_DSN', () => {
  it('checks in at the monitor of its command and source, when its schedule is named', async () => {
    const finished = await holdfast(['backup'], { ...variables, SENTRY_MONITOR_SCHEDULE: '0 2 * * *', SENTRY_MONITOR_TIMEZONE: 'Asia/Shanghai' });
    expect(finished.exitCode).toBe(0);
    expect(checkIns()).toEqual([['backup-notes', 'in_progress'], ['backup-notes', 'ok']]);
    expect(sink.items('check_in')[0]).toMatchObject({ release: 'holdfast@9', environment: 'staging', monitor_config: { schedule: { value: '0 2 * * *' }, timezone: 'Asia/Shanghai' } });
    expect(sink.items('event')).toEqual([]);
  });

  it('checks in badly and sends no event when the source is not there', async () => {
    const before = checkIns().length;
    const finished = await holdfast(['backup'], { ...variables, HOLDFAST_SOURCE: 'sqlite:///nowhere/shop.sqlite', SENTRY_MONITOR_SCHEDULE: '0 2 * * *' });
    expect(finished.exitCode).toBe(3);
    expect(checkIns().slice(before)).toEqual([['backup-shop', 'in_progress'], ['backup-shop', 'error']]);
    expect(sink.items('event')).toEqual([]);
  });

  it('does its work though Sentry is away, and ends with its own exit code', async () => {
    const finished = await holdfast(['backup'], { ...variables, SENTRY_DSN: 'http://publickey@127.0.0.1:9/1', SENTRY_MONITOR_SCHEDULE: '0 2 * * *' });
    expect(finished.exitCode).toBe(0);
  });

  it('reports content that differs from what was promised, as one event without a secret', async () => {
    const parts = join(repository.folder, 'repository', 'parts');
    const [folder = ''] = await readdir(parts);
    const [name = ''] = await readdir(join(parts, folder));
    await writeFile(join(parts, folder, name), 'damaged');
    const key = (await readFile(variables['HOLDFAST_REPOSITORY_KEY_FILE'] ?? '', 'utf8')).trim();
    const finished = await holdfast(['verify', '--read-data'], { ...variables, HOLDFAST_REPOSITORY_KEY_FILE: undefined, HOLDFAST_REPOSITORY_KEY: key });
    expect(finished.exitCode).toBe(5);
    expect(sink.items('event')).toEqual([expect.objectContaining({ tags: expect.objectContaining({ category: 'integrity', error_code: 'REPOSITORY_NOT_WHOLE', command: 'verify' }) })]);
    expect(sink.envelopes.join('\n')).not.toContain(key);
  });

  it('says a schedule that is none, by its variable', async () => {
    const finished = await holdfast(['backup'], { ...variables, SENTRY_MONITOR_SCHEDULE: 'daily' });
    expect(finished.exitCode).toBe(2);
    expect(finished.stderr).toContain('SENTRY_MONITOR_SCHEDULE');
  });
});

describe('a job without SENTRY_DSN', () => {
  it('takes no notice of the other variables', async () => {
    const finished = await holdfast(['backup'], { ...variables, SENTRY_DSN: undefined, SENTRY_MONITOR_SCHEDULE: 'daily', ENVIRONMENT: 'a/b' });
    expect(finished.exitCode).toBe(0);
  });
});
