import { Samples } from '../measure/rounds.ts';
import { runMeasured } from '../measure/run-measured.ts';
import type { SuiteReport } from '../report/report.ts';
import { peakOf } from '../report/sample.ts';
import { query } from '../shop/connection.ts';
import { createBenchDatabase, databaseOf, dropBenchDatabase, openShop, type ShopDatabase } from '../shop/database.ts';
import { createBenchRepository, holdfast, postgresSettings } from '../tools/holdfast.ts';
import { emptyFolder, measure, measureRounds, type PostgresBench } from './bench.ts';

/** Twenty rows of 64 MB, no two alike: what a table of documents or images can hold. */
const wideRows = `
CREATE TABLE document (id integer PRIMARY KEY, content text NOT NULL);
ALTER TABLE document ALTER COLUMN content SET STORAGE EXTERNAL;
INSERT INTO document
SELECT id, repeat((SELECT string_agg(md5(id * 100003 + k || ''), '') FROM generate_series(1, 32768) AS k), 64)
FROM generate_series(1, 20) AS id;
`;

/** What a job with default settings takes at most, per command and kind of database. One round: a peak has no median. */
export async function benchMemory(bench: PostgresBench): Promise<SuiteReport> {
  const { options, server, signal, say } = bench;
  const shop = await openShop({ url: server, signal, say }, options.size);
  const wide = databaseOf(server, 'holdfast_bench_wide');
  const samples = new Samples(say);
  try {
    await createBenchDatabase({ url: server, signal }, wide.name);
    await query(wide.url, wideRows, signal);
    await measureJobs(bench, { source: shop, what: `${options.size} GB`, samples });
    await measureJobs(bench, { source: wide, what: 'rows of 64 MB', samples });
  } finally {
    await dropBenchDatabase({ url: server, signal: AbortSignal.timeout(60_000) }, wide.name);
  }
  const measurements = samples.measurements();
  return {
    title: 'memory: peak resident size of jobs with default settings',
    measurements,
    goals: measurements.map((measurement) => ({ figure: `${measurement.name}: the job's own process`, atMost: 256 * 2 ** 20, measured: peakOf(measurement, /^node/)?.bytes, unit: 'MiB' as const })),
    notes: ['"all" is the largest sum over the job and the programs that it started, looked at every 50 ms; pages that they share count twice. A drill\'s own server counts where it stays below the job.'],
  };
}

const commands = ['backup', 'restore', 'drill', 'verify'];

function nameOf(command: string, what: string): string {
  return `${command}, ${what}`;
}

interface Jobs {
  readonly source: ShopDatabase;
  readonly what: string;
  readonly samples: Samples;
}

async function measureJobs(bench: PostgresBench, { source, what, samples }: Jobs): Promise<void> {
  const { options, server, tools, signal } = bench;
  const isAskedFor = (command: string) => options.only?.test(nameOf(command, what)) ?? true;
  if (!commands.some(isAskedFor)) return;
  const target = databaseOf(server, 'holdfast_bench_restored');
  const folder = await emptyFolder(bench.folder, 'memory');
  const repository = await createBenchRepository(folder, signal);
  const job = (words: readonly string[]) => ({
    name: nameOf(words[0] ?? '', what),
    run: () => measure(bench, holdfast(words, postgresSettings(repository, tools, { HOLDFAST_SOURCE: source.url, HOLDFAST_TARGET: target.url }))),
  });
  try {
    if (!isAskedFor('backup')) await runMeasured(holdfast(['backup'], postgresSettings(repository, tools, { HOLDFAST_SOURCE: source.url })), signal);
    await createBenchDatabase({ url: server, signal }, target.name);
    await measureRounds(bench, samples, 1, [job(['backup']), job(['restore', 'latest'])]);
    await dropBenchDatabase({ url: server, signal }, target.name);
    const scratch = await emptyFolder(folder, 'scratch');
    await measureRounds(bench, samples, 1, [job(['drill', 'latest', '--scratch', scratch]), job(['verify', '--read-data'])]);
  } finally {
    await dropBenchDatabase({ url: server, signal: AbortSignal.timeout(60_000) }, target.name);
    await repository.remove();
  }
}
