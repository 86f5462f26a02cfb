import { join } from 'node:path';

import { startPostgres } from './postgres.ts';
import { installedPostgresBin } from './programs.ts';
import { createRunFolder, sweepLeftovers } from './run-folder.ts';
import { rememberRun, stopRun } from './running.ts';
import type { Service } from './service.ts';

/** jest's globalSetup: starts every service that the environment does not name already. README.md lists the variables. */
// oxlint-disable-next-line import/no-default-export -- jest takes the default export
export default async function start(): Promise<void> {
  const begin = performance.now();
  await sweepLeftovers();
  const folder = await createRunFolder();
  const services: Service[] = [];
  rememberRun({ folder, services });

  const starts: Promise<void>[] = [];
  const add = async (starting: Promise<Service>): Promise<void> => {
    const service = await starting;
    services.push(service);
    Object.assign(process.env, service.environment);
  };

  const bin = process.env['TEST_POSTGRES_BIN_15'] ?? (await installedPostgresBin());
  if (bin === undefined) throw new Error('PostgreSQL is not installed.');
  process.env['TEST_POSTGRES_BIN_15'] = bin;
  if (process.env['TEST_DATABASE_URL'] === undefined) starts.push(add(startPostgres({ bin, folder: join(folder, 'postgres'), variable: 'TEST_DATABASE_URL' })));

  const failed = (await Promise.allSettled(starts)).find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await stopRun();
    throw failed.reason;
  }
  process.stderr.write(`Test services started in ${((performance.now() - begin) / 1000).toFixed(1)} s.\n`);
}
