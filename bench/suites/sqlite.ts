import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Samples } from '../measure/rounds.ts';
import type { SuiteReport } from '../report/report.ts';
import { medianOf, peakOf, ratio, type Sample } from '../report/sample.ts';
import { backupResult, type BenchRepository, createBenchRepository, holdfast } from '../tools/holdfast.ts';
import { type Bench, emptyFolder, measure, measureRounds, sizeOf } from './bench.ts';
import { buildSqliteShop, updateRows } from './sqlite-shop.ts';

const names = {
  first: 'holdfast, first backup',
  later: 'holdfast, 100 rows updated',
  copy: 'sqlite3 .backup, then zstd -3',
  laterWritten: 'holdfast, under a writer',
  copyWritten: 'sqlite3 .backup, under a writer',
} as const;

/** Seconds. Under a writer `.backup` starts over at each of its writes. */
const limit = 60;
const changedRows = 100;

/** Backups of an SQLite file against sqlite3's own, with nobody writing and with a writer who never rests. */
export async function benchSqlite(bench: Bench): Promise<SuiteReport> {
  const { options, signal, say } = bench;
  const folder = await emptyFolder(bench.folder, 'sqlite');
  const source = join(folder, 'shop.sqlite');
  say(`Building an SQLite file of ${options.size} GB.`);
  buildSqliteShop(source, options.size);
  const repository = await createBenchRepository(folder, signal);
  const samples = new Samples(say);
  const scene: Scene = { ...bench, folder, source, repository };
  // What the later backups are measured against has to be there, whatever was asked for.
  samples.add(names.first, await backUp(scene));
  for (let round = 1; round <= options.rounds; round += 1) {
    say(`Round ${round} of ${options.rounds}`);
    // Holds what the writer of the round before changed, most of the file: the next one is measured on its rows alone.
    if (round > 1) await backUp(scene);
    updateRows(source, changedRows, round);
    await measureRounds(bench, samples, round, [
      { name: names.later, run: () => backUp(scene) },
      { name: names.copy, run: () => copyAndCompress(scene) },
    ]);
    await measureRounds(bench, samples, round, [
      { name: names.laterWritten, run: () => whileWriting(scene, () => backUp(scene)) },
      { name: names.copyWritten, run: () => whileWriting(scene, () => copyAndCompress(scene)) },
    ]);
  }
  const seconds = (name: string) => medianOf(samples.get(name), (sample) => sample.seconds);
  return {
    title: `sqlite: a file of ${options.size} GB, ${options.rounds} rounds, medians`,
    measurements: samples.measurements(),
    base: names.copy,
    goals: [
      { figure: `${changedRows} rows updated, new bytes`, atMost: 0.04, measured: medianOf(samples.get(names.later), ({ newShare }) => newShare), unit: '%' },
      { figure: `${changedRows} rows updated, of ${names.copy}'s time`, atMost: 0.6, measured: ratio(seconds(names.later), seconds(names.copy)) },
      { figure: 'peak of a job', atMost: 256 * 2 ** 20, measured: peakOf({ name: 'jobs', samples: samples.measurements().flatMap((measurement) => measurement.samples) }, /^node/)?.bytes, unit: 'MiB' },
    ],
    notes: [`The ${changedRows} rows are spread evenly over the file: each is on a page far from the others.`, `The writer changes row after row in transactions of their own. What is not finished after ${limit} s is ended, and shown with >.`],
  };
}

interface Scene extends Bench {
  readonly source: string;
  readonly repository: BenchRepository;
}

async function backUp(scene: Scene): Promise<Sample> {
  const sample = await measure(scene, { ...holdfast(['backup'], { ...scene.repository.environment, HOLDFAST_SOURCE: `sqlite://${scene.source}` }), limit: limit * 10 });
  const { sizes } = backupResult(sample.stdout);
  return { ...sample, raw: sizes.raw, written: sizes.newStored, newShare: sizes.newStored / sizes.stored };
}

async function copyAndCompress(scene: Scene): Promise<Sample> {
  const folder = await emptyFolder(scene.folder, 'copy');
  const [copy, compressed] = [join(folder, 'copy.sqlite'), join(folder, 'copy.zst')];
  const sample = await measure(scene, { script: 'sqlite3 "$1" ".timeout 5000" ".backup \'$2\'" && zstd -3 -q "$2" -o "$3"', words: [scene.source, copy, compressed], limit });
  const figures = sample.finished ? { raw: await sizeOf(copy), written: await sizeOf(compressed) } : {};
  await rm(folder, { recursive: true });
  return { ...sample, ...figures };
}

/** Runs while a process of its own writes, from its first write on until the run is over. */
async function whileWriting(scene: Scene, run: () => Promise<Sample>): Promise<Sample> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, 'sqlite-writer.ts'), scene.source], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(writer, 'exit');
  try {
    await Promise.race([once(writer.stdout, 'data'), exited]);
    const sample = await run();
    if (writer.exitCode !== null) throw new Error(`The writer ended with ${writer.exitCode} before the backup did.`);
    return sample;
  } finally {
    writer.kill('SIGKILL');
    await exited;
  }
}
