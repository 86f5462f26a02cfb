import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Options, SuiteName } from '../options.ts';
import type { SuiteReport } from '../report/report.ts';
import { startServer } from '../server/postgres-server.ts';
import { dropShops, openShop } from '../shop/database.ts';
import { findTools } from '../tools/postgres-tools.ts';
import { benchApi } from './api.ts';
import { benchBackup } from './backup.ts';
import type { PostgresBench } from './bench.ts';
import { benchMemory } from './memory.ts';
import { benchRestore } from './restore.ts';
import { benchScale } from './scale.ts';
import { benchSqlite } from './sqlite.ts';

const postgresSuites: Readonly<Record<Exclude<SuiteName, 'sqlite' | 'api'>, (bench: PostgresBench) => Promise<SuiteReport>>> = {
  backup: benchBackup,
  restore: benchRestore,
  memory: benchMemory,
  scale: benchScale,
};

export interface Run {
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  /** Gets each suite's report as soon as it is there. */
  readonly onReport: (report: SuiteReport) => Promise<void>;
}

/** Runs what was asked for and removes what it made, also after a failure. With `keep` databases stay. */
export async function runSuites(options: Options, { signal, say, onReport }: Run): Promise<void> {
  await mkdir(options.folder, { recursive: true });
  const work = join(options.folder, 'work');
  await rm(work, { recursive: true, force: true });
  await mkdir(work);
  const bench = { options, folder: work, signal, say };
  const chosen: readonly SuiteName[] = options.command === 'all' ? ['backup', 'restore', 'sqlite', 'memory'] : options.command === 'build' ? [] : [options.command];
  const server = options.command === 'sqlite' || options.command === 'api' ? undefined : await openServer(options, signal);
  try {
    const postgres = server && { ...bench, server: server.url, tools: await findTools(server.url, signal) };
    if (options.command === 'build' && postgres !== undefined) {
      const { name } = await openShop({ url: postgres.server, signal, say }, options.size);
      say(`The database ${name} is ready.`);
    }
    for (const name of chosen) {
      if (name === 'sqlite') await onReport(await benchSqlite(bench));
      else if (name === 'api') await onReport(await benchApi(bench));
      else if (postgres !== undefined) await onReport(await postgresSuites[name](postgres));
    }
  } finally {
    await rm(work, { recursive: true, force: true });
    await server?.close();
  }
}

/** The named server or one of our own, and the way to leave it as it was. */
async function openServer(options: Options, signal: AbortSignal): Promise<{ url: string; close: () => Promise<void> }> {
  if (options.server !== undefined) {
    const url = withPassword(options.server);
    return { url, close: async () => (options.keep ? undefined : dropShops({ url, signal: AbortSignal.timeout(60_000) })) };
  }
  const folder = join(options.folder, `postgres-${options.postgres}`);
  const server = await startServer(options.postgres, folder, signal);
  return {
    url: server.url,
    close: async () => {
      await server.stop();
      if (!options.keep) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An address on the command line is visible to others; a password comes by PGPASSWORD. */
function withPassword(address: string): string {
  const url = new URL(address);
  const password = process.env['PGPASSWORD'];
  if (url.password === '' && password !== undefined) url.password = encodeURIComponent(password);
  return url.href;
}
