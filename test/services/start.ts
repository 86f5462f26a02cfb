import { join } from 'node:path';

import { clientPrograms18 } from './postgresql-client-18.ts';
import { serverPrograms18 } from './postgresql-18.ts';
import { startPostgres } from './postgres.ts';
import { ensurePrograms, installedPostgresBin } from './programs.ts';
import { startRedis } from './redis.ts';
import { createRunFolder, sweepLeftovers } from './run-folder.ts';
import { rememberRun, stopRun } from './running.ts';
import { startS3 } from './s3.ts';
import type { Service } from './service.ts';

/** What lasts from one run to the next; git ignores it. */
const cache = join(import.meta.dirname, '..', '..', '.cache');

/** What this file can start, under the variable that, when it is set already, says that it need not. */
const starters: Readonly<Record<string, (folder: string) => Promise<Service>>> = {
  TEST_DATABASE_URL: async (folder) =>
    startPostgres({ bin: process.env['TEST_POSTGRES_BIN_15'] ?? '', folder: join(folder, 'postgres-15'), variable: 'TEST_DATABASE_URL', certificateVariable: 'TEST_DATABASE_CERTIFICATE' }),
  TEST_DATABASE_18_URL: async (folder) => {
    const bin = process.env['TEST_POSTGRES_SERVER_BIN_18'] ?? (await serverPrograms18(join(folder, 'programs-18')));
    const { environment, ...service } = await startPostgres({ bin, folder: join(folder, 'postgres-18'), variable: 'TEST_DATABASE_18_URL' });
    return { ...service, environment: { ...environment, TEST_POSTGRES_SERVER_BIN_18: bin } };
  },
  TEST_REDIS_URL: async (folder) => startRedis(join(folder, 'redis')),
  TEST_S3_ENDPOINT: async (folder) => startS3(join(folder, 's3')),
};

/** jest's globalSetup: starts every service that the environment does not name already. README.md lists the variables. */
// oxlint-disable-next-line import/no-default-export -- jest takes the default export
export default async function start(): Promise<void> {
  const begin = performance.now();
  // Tests run the program hundreds of times: compiled once, it starts in half the time.
  process.env['NODE_COMPILE_CACHE'] ??= join(cache, 'compiled');
  await sweepLeftovers();
  await ensurePrograms();
  process.env['TEST_POSTGRES_BIN_15'] ??= await installedPostgresBin();

  const folder = await createRunFolder();
  const services: Service[] = [];
  rememberRun({ folder, services });
  const starts = Object.entries(starters).filter(([variable]) => process.env[variable] === undefined);
  const results = await Promise.allSettled([
    findClientPrograms18(),
    ...starts.map(async ([, starter]) => {
      const service = await starter(folder);
      services.push(service);
      Object.assign(process.env, service.environment);
    }),
  ]);
  const failure = results.find((result) => result.status === 'rejected');
  if (failure !== undefined) {
    await stopRun();
    throw failure.reason;
  }
  process.stderr.write(`Test services ready after ${((performance.now() - begin) / 1000).toFixed(1)} s.\n`);
}

async function findClientPrograms18(): Promise<void> {
  process.env['TEST_POSTGRES_BIN_18'] ??= await clientPrograms18(cache);
}
