import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPostgresEngine } from '../../../../jobs/engines/postgres/engine.ts';
import type { RestoreRequest } from '../../../../jobs/engines/engine.ts';
import { query, service } from '../../../services/database.ts';
import { beside, databasesLike, dropDatabasesLike, engineContext, postgresEngine, restoreOptions, sample, takeBackup, type TakenBackup } from './fixture.ts';

const prefix = `refused_${randomBytes(4).toString('hex')}_`;
const server = service('TEST_DATABASE_URL');
let shop: TakenBackup;

beforeAll(async () => {
  await query(server, `CREATE DATABASE ${prefix}shop TEMPLATE template0`);
  await query(beside(server, `${prefix}shop`), await sample('shop'));
  shop = await takeBackup(beside(server, `${prefix}shop`));
});

afterAll(async () => {
  await dropDatabasesLike(server, prefix);
  await dropDatabasesLike(service('TEST_DATABASE_18_URL'), prefix);
});

function restore(target: string, changes: Partial<RestoreRequest> = {}, signal?: AbortSignal) {
  return postgresEngine.restore(engineContext(signal), { ...shop, target: target.includes('://') ? target : beside(server, target), options: restoreOptions, ...changes });
}

/** The backup with another `details`. */
function withDetails(details: object): Pick<RestoreRequest, 'body'> {
  return { body: { ...shop.body, details: { ...(shop.body.details as object), ...details } } };
}

describe('a restore', () => {
  it('refuses a database that is not empty and leaves it alone', async () => {
    await query(server, `CREATE DATABASE ${prefix}occupied`);
    await query(beside(server, `${prefix}occupied`), 'CREATE TABLE mine AS SELECT 1 AS a');
    await expect(restore(`${prefix}occupied`)).rejects.toMatchObject({ code: 'RESTORE_TARGET_OCCUPIED', category: 'safety' });
    expect(await query(beside(server, `${prefix}occupied`), 'SELECT a FROM mine')).toEqual([{ a: 1 }]);
    expect(await databasesLike(server, `${prefix}occupied`)).toEqual([`${prefix}occupied`]);
  });

  it.each(['CREATE SCHEMA s', "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", 'SELECT lo_create(0)', 'CREATE EXTENSION hstore', 'CREATE TYPE t AS ENUM ()', 'CREATE PUBLICATION p'])(
    'takes a database with no more than this for occupied: %s',
    async (statement) => {
      const name = `${prefix}almost_${randomBytes(3).toString('hex')}`;
      await query(server, `CREATE DATABASE ${name} TEMPLATE template0`);
      expect(await postgresEngine.inspectTarget(engineContext(), beside(server, name))).toBe('empty');
      await query(beside(server, name), statement);
      expect(await postgresEngine.inspectTarget(engineContext(), beside(server, name))).toBe('occupied');
    },
  );

  it('says which extensions the server lacks, before it does anything', async () => {
    await query(server, `CREATE DATABASE ${prefix}extensions`);
    await query(beside(server, `${prefix}extensions`), 'CREATE EXTENSION citext; CREATE EXTENSION adminpack; CREATE EXTENSION old_snapshot');
    const backup = await takeBackup(beside(server, `${prefix}extensions`));
    const target = beside(service('TEST_DATABASE_18_URL'), `${prefix}extensions`);
    // PostgreSQL 16 and 17 dropped the two.
    await expect(restore(target, backup)).rejects.toMatchObject({ code: 'RESTORE_EXTENSIONS_MISSING', category: 'source', values: { extensions: 'adminpack 2.1, old_snapshot 1.0' } });
    expect(await databasesLike(service('TEST_DATABASE_18_URL'), prefix)).toEqual([]);
  });

  it('says which roles the server lacks, and restores without owners when asked to', async () => {
    const role = `${prefix}role`;
    await query(server, `CREATE ROLE ${role}`);
    await query(server, `CREATE DATABASE ${prefix}roles OWNER ${role}`);
    await query(beside(server, `${prefix}roles`), `CREATE TABLE t (a int); INSERT INTO t VALUES (7); ALTER TABLE t OWNER TO ${role}; GRANT SELECT ON t TO ${role}`);
    const backup = await takeBackup(beside(server, `${prefix}roles`));
    await query(server, `DROP DATABASE ${prefix}roles`);
    await query(server, `DROP ROLE ${role}`);
    await expect(restore(`${prefix}roles_back`, backup)).rejects.toMatchObject({ code: 'RESTORE_ROLES_MISSING', category: 'source', values: { roles: role } });
    await restore(`${prefix}roles_back`, { ...backup, options: { ...restoreOptions, skipOwners: true } });
    expect(await query(beside(server, `${prefix}roles_back`), 'SELECT a FROM t')).toEqual([{ a: 7 }]);
  });

  it('refuses an older server', async () => {
    const newer = beside(service('TEST_DATABASE_18_URL'), `${prefix}newer`);
    await query(service('TEST_DATABASE_18_URL'), `CREATE DATABASE ${prefix}newer`);
    await expect(restore(`${prefix}older`, await takeBackup(newer))).rejects.toMatchObject({ code: 'RESTORE_VERSION_OLDER', values: { source: 18, found: 15 } });
  });

  it('names all that is in the way at once', async () => {
    const changed = withDetails({ extensions: [{ name: 'no_such', version: '1.0' }], roles: ['nobody here'] });
    await query(server, `CREATE DATABASE ${prefix}many`);
    await query(beside(server, `${prefix}many`), 'CREATE TABLE mine ()');
    const failure = await restore(`${prefix}many`, changed).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ code: 'RESTORE_NOT_POSSIBLE', values: { count: 3 } });
    expect((failure as Error).message).toMatch(/not empty.*no_such 1\.0.*nobody here/);
  });

  it('says when a user may not create databases', async () => {
    const role = `${prefix}plain`;
    await query(server, `CREATE ROLE ${role} LOGIN PASSWORD 'secret of ${prefix}'`);
    const target = new URL(beside(server, `${prefix}forbidden`));
    target.username = role;
    target.password = `secret of ${prefix}`;
    const failure = await restore(target.href, { options: { ...restoreOptions, skipOwners: true } }).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ code: 'RESTORE_RIGHTS_MISSING' });
    expect(JSON.stringify([failure, (failure as Error).message])).not.toContain('secret');
    await query(server, `DROP ROLE ${role}`);
  });

  it('says when the server is not there or the password is wrong', async () => {
    await expect(restore('postgres://postgres@127.0.0.1:1/nothing')).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE', category: 'source' });
    const target = new URL(beside(server, `${prefix}password`));
    target.password = 'certainly wrong';
    const failure = await restore(target.href).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ code: 'SOURCE_REFUSED' });
    expect((failure as Error).message).not.toContain('certainly');
  });

  it('refuses a manifest that it does not understand', async () => {
    await expect(restore(`${prefix}manifest`, withDetails({ largeObjects: 'many' }))).rejects.toMatchObject({ code: 'BACKUP_NOT_READABLE', values: { reason: 'details (largeObjects)' } });
    await expect(restore(`${prefix}manifest`, { body: { ...shop.body, streams: [] } })).rejects.toMatchObject({ code: 'BACKUP_NOT_READABLE' });
  });

  it('refuses an empty database of another encoding', async () => {
    await query(server, `CREATE DATABASE ${prefix}latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'`);
    await expect(restore(`${prefix}latin`)).rejects.toMatchObject({ code: 'RESTORE_ENCODING_DIFFERS', values: { found: 'LATIN1', expected: 'UTF8' } });
  });

  it('says when the server has no such locale', async () => {
    const { database } = shop.body.details as { database: object };
    await expect(restore(`${prefix}locale`, withDetails({ database: { ...database, collate: 'xx_XX.utf8' } }))).rejects.toMatchObject({ code: 'RESTORE_LOCALE_MISSING' });
    expect(await databasesLike(server, `${prefix}locale`)).toEqual([]);
  });

  it('fails when rows are missing, and leaves nothing behind', async () => {
    const streams = shop.body.streams.map((stream) => (stream.kind === 'table' && stream.rows > 1000 ? { ...stream, rows: stream.rows + 1 } : stream));
    await expect(restore(`${prefix}rows`, { body: { ...shop.body, streams } })).rejects.toMatchObject({ code: 'RESTORE_CONTENT_DIFFERS', category: 'integrity' });
    const slices = shop.body.streams.map((stream) => (stream.kind === 'table' ? { ...stream, slices: stream.slices.map((slice) => ({ ...slice, rows: (slice.rows ?? 0) + 1 })) } : stream));
    await expect(restore(`${prefix}rows`, { body: { ...shop.body, streams: slices } })).rejects.toMatchObject({ code: 'RESTORE_CONTENT_DIFFERS' });
    expect(await databasesLike(server, `${prefix}rows`)).toEqual([]);
  });

  it('fails when large objects are missing', async () => {
    await expect(restore(`${prefix}objects`, withDetails({ largeObjects: 1 }))).rejects.toMatchObject({ code: 'RESTORE_CONTENT_DIFFERS' });
    expect(await databasesLike(server, `${prefix}objects`)).toEqual([]);
  });

  it('passes on what reading a part throws, and leaves nothing behind', async () => {
    const damaged = Object.assign(new Error('the part is damaged'), { code: 'PART_DAMAGED' });
    let reads = 0;
    const parts: RestoreRequest['parts'] = {
      ...shop.parts,
      async *readAll(slices) {
        for (const slice of slices) {
          reads += 1;
          if (reads === 6) throw damaged;
          yield await shop.parts.read(slice);
        }
      },
    };
    await expect(restore(`${prefix}damaged`, { parts })).rejects.toBe(damaged);
    expect(await databasesLike(server, `${prefix}damaged`)).toEqual([]);
  });

  it('names the table whose rows the server does not take', async () => {
    const parts: RestoreRequest['parts'] = {
      ...shop.parts,
      async *readAll(slices) {
        for (const slice of slices) yield Buffer.from((await shop.parts.read(slice)).toString('latin1').replaceAll('SKU-00000005', 'SKU-00000006'), 'latin1');
      },
    };
    // Unique constraints come after the rows: this one fails in pg_restore.
    await expect(restore(`${prefix}twice`, { parts })).rejects.toMatchObject({ code: 'POSTGRES_PROGRAM_FAILED', message: expect.stringContaining('products_sku_key') });
    const torn: RestoreRequest['parts'] = {
      ...parts,
      async *readAll(slices) {
        for (const slice of slices) yield Buffer.from((await shop.parts.read(slice)).toString('latin1').replaceAll('@example', '#example'), 'latin1');
      },
    };
    await expect(restore(`${prefix}torn`, { parts: torn })).rejects.toMatchObject({ code: 'RESTORE_ROWS_REFUSED', category: 'integrity', values: { table: '"shop"."customers"' } });
    expect(await databasesLike(server, `${prefix}t`)).toEqual([]);
  });

  it('fails when a session that loads rows is ended, and leaves nothing behind', async () => {
    const parts: RestoreRequest['parts'] = {
      ...shop.parts,
      async *readAll(slices) {
        for (const slice of slices) {
          yield await shop.parts.read(slice);
          await query(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE $1 AND query LIKE 'COPY%'", [`${prefix}ended%`]);
        }
      },
    };
    await expect(restore(`${prefix}ended`, { parts })).rejects.toMatchObject({ code: 'RESTORE_TARGET_LOST', retryable: true });
    expect(await databasesLike(server, `${prefix}ended`)).toEqual([]);
  });

  it('ends when it is told to, and leaves nothing behind', async () => {
    const stop = new AbortController();
    const reason = new Error('stopped by a person');
    const parts: RestoreRequest['parts'] = {
      ...shop.parts,
      async *readAll(slices) {
        for (const slice of slices) {
          yield await shop.parts.read(slice);
          if (slice.rows !== undefined) stop.abort(reason);
        }
      },
    };
    await expect(restore(`${prefix}stopped`, { parts }, stop.signal)).rejects.toBe(reason);
    expect(await databasesLike(server, `${prefix}stopped`)).toEqual([]);
  });

  it('into an empty database leaves it empty when it fails', async () => {
    const name = `${prefix}every`;
    await query(server, `CREATE DATABASE ${name} TEMPLATE template0`);
    await query(beside(server, name), await sample('every-kind'));
    const backup = await takeBackup(beside(server, name));
    await query(server, `CREATE DATABASE ${prefix}emptied TEMPLATE template0`);
    await query(server, `COMMENT ON DATABASE ${prefix}emptied IS 'mine'`);
    const target = beside(server, `${prefix}emptied`);
    const streams = backup.body.streams.map((stream) => (stream.kind === 'sequences' ? { ...stream, slices: [] } : stream));
    const details = { ...(backup.body.details as object), largeObjects: 99 };
    await expect(restore(target, { ...backup, body: { ...backup.body, streams, details } })).rejects.toMatchObject({ code: 'RESTORE_CONTENT_DIFFERS' });
    expect(await postgresEngine.inspectTarget(engineContext(), target)).toBe('empty');
    expect(await query(target, "SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = current_database()")).toEqual([{ comment: 'mine' }]);
    await restore(target, backup);
    expect(await query(target, 'SELECT count(*)::int AS rows FROM public.by_list')).toEqual([{ rows: 200 }]);
  });
});

const canMount = (() => {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', '/mnt'], { stdio: 'pipe' });
    execFileSync('umount', ['/mnt']);
    return true;
  } catch {
    return false;
  }
})();

(canMount ? describe : describe.skip)('a restore whose temporary folder is full (needs to mount a tmpfs)', () => {
  it('says so and leaves nothing behind', async () => {
    const full = await mkdtemp(join(tmpdir(), 'full-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', full]);
    try {
      const engine = createPostgresEngine({ environment: { ...process.env, TMPDIR: full }, programFolders: service('TEST_POSTGRES_BIN_15') });
      const restoring = engine.restore(engineContext(), { ...shop, target: beside(server, `${prefix}full`), options: restoreOptions });
      await expect(restoring).rejects.toMatchObject({ code: 'RESTORE_TEMPORARY_FULL', values: { folder: full } });
      expect(await readdir(full)).toEqual([]);
    } finally {
      execFileSync('umount', [full]);
      await rmdir(full);
    }
    expect(await databasesLike(server, `${prefix}full`)).toEqual([]);
  });
});
