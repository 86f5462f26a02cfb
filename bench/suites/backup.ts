import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Case, Samples } from '../measure/rounds.ts';
import { type Command, runMeasured } from '../measure/run-measured.ts';
import type { SuiteReport } from '../report/report.ts';
import { medianOf, ratio, type Sample } from '../report/sample.ts';
import { growShop, updateShop } from '../shop/build.ts';
import { query } from '../shop/connection.ts';
import { copyShop, dropBenchDatabase, openShop, type ShopDatabase } from '../shop/database.ts';
import { backupResult, type BenchRepository, createBenchRepository, holdfast, postgresSettings } from '../tools/holdfast.ts';
import { toolEnvironment } from '../tools/postgres-tools.ts';
import { emptyFolder, measure, measureRounds, openServerClock, type PostgresBench, type ServerClock, sizeOf } from './bench.ts';

const names = {
  first: 'holdfast, first backup',
  appended: 'holdfast, 1 % appended',
  updated: 'holdfast, 1 % updated',
  plain: 'holdfast, first, --no-compress',
  gzip: 'pg_dump -Fp | gzip',
  custom: 'pg_dump -Fc',
  directory: 'pg_dump -Fd, gzip',
  directoryZstd: 'pg_dump -Fd, zstd:3',
  directoryPlain: 'pg_dump -Fd -Z0',
  zstd: 'pg_dump -Fp | zstd -3',
  restic: 'pg_dump -Fp | restic',
  limit: 'limit: two COPY to nothing',
} as const;

/** How much of the database each round's changes are. */
const changed = 0.01;

interface Scene extends PostgresBench {
  readonly shop: ShopDatabase;
  readonly clock: ServerClock;
  readonly plainBytes: number;
}

/** First and later backups of PostgreSQL against the programs that people use. */
export async function benchBackup(bench: PostgresBench): Promise<SuiteReport> {
  const { options, server, tools, signal, say } = bench;
  const original = await openShop({ url: server, signal, say }, options.size);
  const shop = await copyShop({ url: server, signal }, original);
  const clock = await openServerClock(server);
  const samples = new Samples(say);
  const hasRestic = await runMeasured({ script: 'command -v restic' }, signal).then(() => true, () => false);
  let plainBytes = 0;
  try {
    // Reads everything once: all of them find the same in the server's and the system's caches.
    const warm = await runMeasured({ script: '"$1" -Fp | wc -c', words: [tools.programs.pgDump], environment: toolEnvironment(shop.url) }, signal);
    plainBytes = Number(warm.stdout);
    for (let round = 1; round <= options.rounds; round += 1) {
      say(`Round ${round} of ${options.rounds}`);
      await runBackupRound({ ...bench, shop, clock, plainBytes }, { round, samples, hasRestic });
    }
  } finally {
    await clock.close();
    await dropBenchDatabase({ url: server, signal: AbortSignal.timeout(60_000) }, shop.name);
  }
  const notes = [
    `PostgreSQL ${tools.serverVersion}, pg_dump ${tools.programs.version}; a plain dump of ${(plainBytes / 1e9).toFixed(2)} GB; ${options.connections} connections or jobs each; caches warm; each round grows the database by 1 %.`,
    'Holdfast encrypts, hashes and fsyncs what it stores; a pipeline into gzip, zstd or nothing does none of that; pg_dump -Fc and -Fd fsync.',
    ...(tools.zstdDump === undefined ? ['No pg_dump that compresses with zstd (16 or newer) was found: that goal is measured against gzip, or not at all.'] : []),
    ...(hasRestic ? [] : ['restic is not installed.']),
  ];
  return { title: `backup: PostgreSQL, ${options.size} GB, ${options.rounds} rounds, medians`, measurements: samples.measurements(), base: names.gzip, goals: goalsOf(samples), notes };
}

async function runBackupRound(scene: Scene, { round, samples, hasRestic }: { round: number; samples: Samples; hasRestic: boolean }): Promise<void> {
  const { options, shop, signal } = scene;
  const repository = await createBenchRepository(scene.folder, signal);
  const place = { url: shop.url, signal };
  const [before, after] = [options.size * (1 + changed * (round - 1)), options.size * (1 + changed * round)];
  try {
    await measureRounds(scene, samples, round, [
      { name: names.first, run: () => backUp(scene, repository) },
      ...pgDumpCases(scene),
      ...(hasRestic ? [{ name: names.restic, run: () => runRestic(scene) }] : []),
      { name: names.plain, run: () => backUpPlain(scene) },
      { name: names.limit, run: () => runLimit(scene) },
    ]);
    // Later backups come after a first one, and change the database: they have no place in the alternation.
    const isAskedFor = (name: string) => options.only?.test(name) ?? true;
    if (![names.appended, names.updated].some(isAskedFor)) return;
    const unmeasured = () => runMeasured(backupCommand(scene, repository), signal);
    if (!isAskedFor(names.first)) await unmeasured();
    await growShop(place, before, after);
    if (isAskedFor(names.appended)) samples.add(names.appended, await backUp(scene, repository));
    else await unmeasured();
    if (!isAskedFor(names.updated)) return;
    await updateShop(place, options.size, { share: changed, at: (round * 0.17) % 0.9 });
    samples.add(names.updated, await backUp(scene, repository));
  } finally {
    await repository.remove();
  }
}

function pgDumpCases(scene: Scene): Case[] {
  const { options, tools } = scene;
  const { pgDump } = tools.programs;
  const jobs = String(options.connections);
  const dump = (name: string, script: string, program = pgDump): Case => ({ name, run: () => runDump(scene, { script, words: [program, jobs] }) });
  return [
    dump(names.gzip, '"$1" -Fp | gzip > "$3"'),
    dump(names.custom, '"$1" -Fc -f "$3"'),
    dump(names.directory, '"$1" -Fd -j "$2" --compress=6 -f "$3"'),
    ...(tools.zstdDump === undefined ? [] : [dump(names.directoryZstd, '"$1" -Fd -j "$2" --compress=zstd:3 -f "$3"', tools.zstdDump)]),
    dump(names.directoryPlain, '"$1" -Fd -j "$2" -Z0 -f "$3"'),
    dump(names.zstd, '"$1" -Fp | zstd -3 -q > "$3"'),
  ];
}

/** The script's `$3` is where it writes. */
async function runDump(scene: Scene, { script, words }: Command & { readonly words: readonly string[] }): Promise<Sample> {
  const output = join(await emptyFolder(scene.folder, 'dump'), 'out');
  const sample = await measure(scene, { script, words: [...words, output], environment: toolEnvironment(scene.shop.url) }, scene.clock);
  const written = await sizeOf(output);
  await rm(output, { recursive: true });
  return { ...sample, raw: scene.plainBytes, written };
}

function backupCommand({ options, shop, tools }: Scene, repository: BenchRepository, ...words: string[]): Command {
  return holdfast(['backup', '--connections', String(options.connections), ...words], postgresSettings(repository, tools, { HOLDFAST_SOURCE: shop.url }));
}

async function backUp(scene: Scene, repository: BenchRepository, ...words: string[]): Promise<Sample> {
  const before = await sizeOf(repository.folder);
  const sample = await measure(scene, backupCommand(scene, repository, ...words), scene.clock);
  const { sizes } = backupResult(sample.stdout);
  return { ...sample, raw: scene.plainBytes, written: (await sizeOf(repository.folder)) - before, newShare: sizes.newStored / sizes.stored };
}

async function backUpPlain(scene: Scene): Promise<Sample> {
  const repository = await createBenchRepository(await emptyFolder(scene.folder, 'plain'), scene.signal);
  const sample = await backUp(scene, repository, '--no-compress');
  await repository.remove();
  return sample;
}

async function runRestic(scene: Scene): Promise<Sample> {
  const repository = await emptyFolder(scene.folder, 'restic');
  const environment = { ...toolEnvironment(scene.shop.url), RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: 'benchmark' };
  await runMeasured({ script: 'restic init', environment }, scene.signal);
  const sample = await measure(scene, { script: '"$1" -Fp | restic backup --no-cache --quiet --stdin --stdin-filename dump.sql', words: [scene.tools.programs.pgDump], environment }, scene.clock);
  const written = await sizeOf(repository);
  await rm(repository, { recursive: true });
  return { ...sample, raw: scene.plainBytes, written };
}

/** No logical backup is faster than the server gives the rows: the largest table beside all others. */
async function runLimit(scene: Scene): Promise<Sample> {
  const tables = await query(scene.shop.url, "SELECT quote_ident(relname) AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'event' ORDER BY relname", scene.signal);
  const script = join(scene.folder, 'copy.sql');
  await writeFile(script, tables.map(({ name }) => `COPY ${String(name)} TO STDOUT;\n`).join(''));
  const sample = await measure(
    scene,
    {
      script: '"$1" -qX -v ON_ERROR_STOP=1 -c "COPY event TO STDOUT" > /dev/null & first=$!\n"$1" -qX -v ON_ERROR_STOP=1 -f "$2" > /dev/null && wait "$first"',
      words: [scene.tools.programs.psql, script],
      environment: toolEnvironment(scene.shop.url),
    },
    scene.clock,
  );
  return { ...sample, raw: scene.plainBytes };
}

function goalsOf(samples: Samples): SuiteReport['goals'] {
  const seconds = (name: string) => medianOf(samples.get(name), (sample) => sample.seconds);
  const written = (name: string) => medianOf(samples.get(name), (sample) => sample.written);
  const newShare = (name: string) => medianOf(samples.get(name), (sample) => sample.newShare);
  const rival = seconds(names.directoryZstd) === undefined ? names.directory : names.directoryZstd;
  return [
    { figure: `first backup, of ${names.gzip}'s time`, atMost: 0.22, measured: ratio(seconds(names.first), seconds(names.gzip)) },
    { figure: `first backup, of ${names.directoryZstd}'s time`, atMost: 1, measured: ratio(seconds(names.first), seconds(names.directoryZstd)) },
    { figure: `1 % appended, of ${rival}'s time`, atMost: 0.7, measured: ratio(seconds(names.appended), seconds(rival)) },
    { figure: '1 % appended, new bytes', atMost: 0.02, measured: newShare(names.appended), unit: '%' },
    { figure: '1 % updated in one key range, new bytes', atMost: 0.03, measured: newShare(names.updated), unit: '%' },
    { figure: `first backup, of ${names.zstd}'s size`, atMost: 1.05, measured: ratio(written(names.first), written(names.zstd)) },
  ];
}
