import { Samples } from '../measure/rounds.ts';
import type { SuiteReport } from '../report/report.ts';
import { createBenchDatabase, databaseOf, dropBenchDatabase, openShop } from '../shop/database.ts';
import { backupResult, createBenchRepository, holdfast, postgresSettings } from '../tools/holdfast.ts';
import { measure, measureRounds, openServerClock, type PostgresBench } from './bench.ts';

const connectionCounts = [1, 2, 4];

/** How time and memory of first backups and restores grow with the database and with the connections. */
export async function benchScale(bench: PostgresBench): Promise<SuiteReport> {
  const { options, server, tools, signal, say } = bench;
  const samples = new Samples(say);
  const clock = await openServerClock(server);
  const target = databaseOf(server, 'holdfast_bench_restored');
  try {
    for (const size of options.sizes) {
      const shop = await openShop({ url: server, signal, say }, size);
      for (let round = 1; round <= options.rounds; round += 1) {
        for (const connections of round % 2 === 1 ? connectionCounts : connectionCounts.toReversed()) {
          const repository = await createBenchRepository(bench.folder, signal);
          const run = async (words: readonly string[]) => measure(bench, holdfast([...words, '--connections', String(connections)], postgresSettings(repository, tools, { HOLDFAST_SOURCE: shop.url, HOLDFAST_TARGET: target.url })), clock);
          await createBenchDatabase({ url: server, signal }, target.name);
          let raw = 0;
          await measureRounds(bench, samples, 1, [
            {
              name: `backup, ${size} GB, connections: ${connections}`,
              run: async () => {
                const sample = await run(['backup']);
                const { sizes } = backupResult(sample.stdout);
                raw = sizes.raw;
                return { ...sample, raw, written: sizes.stored };
              },
            },
            { name: `restore, ${size} GB, connections: ${connections}`, run: async () => ({ ...(await run(['restore', 'latest'])), raw }) },
          ]);
          await dropBenchDatabase({ url: server, signal }, target.name);
          await repository.remove();
        }
      }
      if (!options.keep) await dropBenchDatabase({ url: server, signal }, shop.name);
    }
  } finally {
    await clock.close();
    await dropBenchDatabase({ url: server, signal: AbortSignal.timeout(60_000) }, target.name);
  }
  const order = samples.measurements().toSorted((a, b) => Number(a.name.startsWith('restore')) - Number(b.name.startsWith('restore')));
  return { title: `scale: PostgreSQL, ${options.rounds} rounds, medians`, measurements: order, goals: [], notes: [] };
}
