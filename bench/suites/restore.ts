import { join } from 'node:path';
import { Samples } from '../measure/rounds.ts';
import { type Command, runMeasured } from '../measure/run-measured.ts';
import type { SuiteReport } from '../report/report.ts';
import { medianOf, ratio, type Sample } from '../report/sample.ts';
import { query } from '../shop/connection.ts';
import { createBenchDatabase, databaseOf, dropBenchDatabase, openShop } from '../shop/database.ts';
import { createBenchRepository, holdfast, postgresSettings } from '../tools/holdfast.ts';
import { toolEnvironment } from '../tools/postgres-tools.ts';
import { emptyFolder, measure, measureRounds, openServerClock, type PostgresBench, sizeOf } from './bench.ts';

const names = { holdfast: 'holdfast restore', psql: 'psql < plain.sql', directory: 'pg_restore from a directory' } as const;

/** Restores of one PostgreSQL database, each into a fresh one, from what lies on the local disk. */
export async function benchRestore(bench: PostgresBench): Promise<SuiteReport> {
  const { options, server, tools, signal, say } = bench;
  const { pgDump, pgRestore, psql, majorVersion } = tools.programs;
  const shop = await openShop({ url: server, signal, say }, options.size);
  const target = databaseOf(server, 'holdfast_bench_restored');
  const jobs = String(options.connections);

  const folder = await emptyFolder(bench.folder, 'restore');
  const [plain, directory] = [join(folder, 'plain.sql'), join(folder, 'directory')];
  const compression = majorVersion >= 16 ? 'zstd:3' : '6';
  const repository = await createBenchRepository(folder, signal);
  await runMeasured(holdfast(['backup'], postgresSettings(repository, tools, { HOLDFAST_SOURCE: shop.url })), signal);
  await runMeasured({ script: '"$1" -Fp -f "$2"', words: [pgDump, plain], environment: toolEnvironment(shop.url) }, signal);
  await runMeasured({ script: '"$1" -Fd -j "$2" --compress="$3" -f "$4"', words: [pgDump, jobs, compression, directory], environment: toolEnvironment(shop.url) }, signal);
  const raw = await sizeOf(plain);

  const clock = await openServerClock(server);
  const samples = new Samples(say);
  const environment = toolEnvironment(target.url);
  const restore = (command: Command) => async (): Promise<Sample> => {
    await createBenchDatabase({ url: server, signal }, target.name);
    await query(server, 'CHECKPOINT', signal);
    const sample = await measure(bench, command, clock);
    await dropBenchDatabase({ url: server, signal }, target.name);
    return { ...sample, raw };
  };
  try {
    for (let round = 1; round <= options.rounds; round += 1) {
      say(`Round ${round} of ${options.rounds}`);
      await measureRounds(bench, samples, round, [
        { name: names.holdfast, run: restore(holdfast(['restore', 'latest', '--connections', jobs], postgresSettings(repository, tools, { HOLDFAST_TARGET: target.url }))) },
        { name: names.psql, run: restore({ script: '"$1" -qX -v ON_ERROR_STOP=1 < "$2" > /dev/null', words: [psql, plain], environment }) },
        { name: names.directory, run: restore({ script: '"$1" -j "$2" -d "$3" "$4"', words: [pgRestore, jobs, target.name, directory], environment }) },
      ]);
    }
  } finally {
    await clock.close();
    await dropBenchDatabase({ url: server, signal: AbortSignal.timeout(60_000) }, target.name);
  }
  const seconds = (name: string) => medianOf(samples.get(name), (sample) => sample.seconds);
  return {
    title: `restore: PostgreSQL, ${options.size} GB, ${options.rounds} rounds, medians`,
    measurements: samples.measurements(),
    base: names.psql,
    goals: [
      { figure: `restore, of ${names.psql}'s time`, atMost: 0.8, measured: ratio(seconds(names.holdfast), seconds(names.psql)) },
      { figure: `restore, of ${names.directory}'s time`, atMost: 0.95, measured: ratio(seconds(names.holdfast), seconds(names.directory)) },
    ],
    notes: [
      `PostgreSQL ${tools.serverVersion}, programs ${tools.programs.version}; a plain dump of ${(raw / 1e9).toFixed(2)} GB; ${jobs} connections or jobs; the directory archive is compressed by ${majorVersion >= 16 ? compression : 'gzip'}; the target is an empty database after a checkpoint.`,
      'Holdfast decrypts and checks all it loads, and ends with ANALYZE; the others do neither.',
    ],
  };
}
