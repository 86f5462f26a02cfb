import { HoldfastError } from '../../../src/operations/errors.ts';
import type { EngineContext } from '../engine.ts';
import { type PreflightFinding, type PreflightReport, sortFindings } from '../preflight.ts';
import { describePostgresAddress, parsePostgresAddress } from './connect/address.ts';
import { chooseHost } from './connect/choose-host.ts';
import { findClientPrograms } from './connect/client-programs.ts';
import { connect } from './connect/connection.ts';
import type { BackupSurroundings } from './backup.ts';
import { statementError } from './postgres-errors.ts';
import { inspectCatalog } from './preflight/inspect-catalog.ts';
import { findOversizedRows } from './preflight/oversized-rows.ts';
import { findInRelations } from './preflight/relation-findings.ts';
import { listRelations } from './read/catalog.ts';
import { readSurroundings } from './read/plan-surroundings.ts';

/** Locks that a look at tables may have to wait for. */
const lockTimeout = '10s';

/** Looks at all that a backup looks at before it begins, and at the rows' lengths: `engine.ts` says what callers may rely on. */
export async function preflightPostgres(context: EngineContext, source: string, { environment, programFolders }: BackupSurroundings): Promise<PreflightReport> {
  const { signal } = context;
  context.progress.phase('preparing');
  const address = await chooseHost(parsePostgresAddress(source, environment), signal, environment);
  const client = await connect(address, { signal, environment, settings: { lock_timeout: lockTimeout, default_transaction_read_only: 'on' } });
  try {
    const { serverVersion } = await readSurroundings(client, describePostgresAddress(address));
    const majorVersion = Math.floor(serverVersion / 10_000);
    const programs = await asFinding(() => findClientPrograms({ majorVersion, environment, ...(programFolders !== undefined && { folders: programFolders }) }));
    const relations = await listRelations(client);
    const catalog = await inspectCatalog(client, { withInfo: true });
    const rows = await findOversizedRows(client, relations);
    const { rows: [version] } = await client.query<{ version: string }>(`SELECT pg_catalog.current_setting('server_version') AS version`);
    return { server: `PostgreSQL ${version?.version}`, findings: sortFindings([...programs, ...findInRelations(relations), ...catalog, ...rows]) };
  } catch (error) {
    signal.throwIfAborted();
    throw statementError(error, describePostgresAddress(address));
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** An error that would end a backup is one of several findings here. */
async function asFinding(work: () => Promise<unknown>): Promise<PreflightFinding[]> {
  try {
    await work();
    return [];
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    const describe = (language: 'en' | 'zh') => Object.values(error.describe(language)).join(language === 'en' ? '. ' : '。');
    return [{ code: error.code, level: 'error', message: { en: describe('en'), zh: describe('zh') }, names: [], count: 1 }];
  }
}
