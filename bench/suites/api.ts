import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LoadResult } from '../api/load.ts';
import { startTarget, type Target, type TargetKind } from '../api/start-target.ts';
import { watchTree } from '../measure/process-tree.ts';
import { Samples } from '../measure/rounds.ts';
import { processCpuSeconds } from '../measure/server-cpu.ts';
import type { SuiteReport } from '../report/report.ts';
import { median, type Sample } from '../report/sample.ts';
import { type Bench, emptyFolder, measureRounds } from './bench.ts';

const run = promisify(execFile);
const loadProgram = join(import.meta.dirname, '..', 'api', 'load.ts');

const requests = 10_000;
const connections = 50;
/** Between two checks of the catalogue, at least: five seconds, a tenth less. */
const probeIntervalSeconds = 4.5;
/** Of a histogram with eleven buckets: 14 lines each, 5,000 in all. */
const furtherRoutes = 357;

const names = {
  http: 'bare node:http',
  livez: '/livez',
  koa: 'bare koa, @koa/router',
  service: 'service',
  refused: 'service, 403',
  errors: 'service, Sentry: errors',
  traces: 'service, Sentry: errors, traces 0.1',
} as const;

/** How much of a request's time the service's middleware takes: each against what it is built on, server and load each a process of its own. */
export async function benchApi(bench: Bench): Promise<SuiteReport> {
  const { options, say, signal } = bench;
  const folder = await emptyFolder(bench.folder, 'api');
  const sink = await startSink();
  const started: Target[] = [];
  const start = async (name: string, kind: TargetKind, environment: Readonly<Record<string, string>> = {}) => {
    const target = await startTarget(kind, join(folder, name), environment);
    started.push(target);
    return target;
  };
  const samples = new Samples(say);
  const loads = [loadavg()[0] ?? 0];
  try {
    const [http, koa, service] = [await start('http', 'http'), await start('koa', 'koa'), await start('service', 'service')];
    const errors = await start('errors', 'service', { SENTRY_DSN: sink.dsn, SENTRY_TRACES_SAMPLE_RATE: '0' });
    const traces = await start('traces', 'service', { SENTRY_DSN: sink.dsn, SENTRY_TRACES_SAMPLE_RATE: '0.1' });
    const load = (target: Target, path: string, status = 200) => async () => measureLoad(target, { port: target.port, path, status, signal });
    const cases = [
      { name: names.http, run: load(http, '/livez') },
      { name: names.livez, run: async () => measureLoad(service, { port: service.managementPort, path: '/livez', status: 200, signal }) },
      { name: names.koa, run: load(koa, '/json') },
      { name: names.service, run: load(service, '/json') },
      { name: names.refused, run: load(service, '/refused', 403) },
      { name: names.errors, run: load(errors, '/json') },
      { name: names.traces, run: load(traces, '/json') },
    ];
    say('Warming up');
    await measureRounds(bench, new Samples(() => undefined), 1, cases);
    for (let round = 1; round <= options.rounds; round += 1) {
      say(`Round ${round} of ${options.rounds}`);
      await measureRounds(bench, samples, round, cases);
      loads.push(loadavg()[0] ?? 0);
    }
    const probes = await measureProbes(service, signal);
    const longestTurnMs = await measureScrapes(await start('metrics', 'service', { BENCH_FURTHER_ROUTES: String(furtherRoutes) }), options.rounds, signal);
    return {
      title: `api: ${requests} requests over ${connections} connections, ${options.rounds} rounds, medians`,
      measurements: samples.measurements(),
      base: names.koa,
      goals: [...goalsOf(samples), probes.goal, { figure: `/metrics, ${14 * furtherRoutes} series: longest turn of the event loop`, atMost: 50, measured: longestTurnMs, unit: 'ms' }],
      notes: [
        'Processor seconds are those of the server. A goal of speed is the median of the ratios within each round.',
        `/readyz was asked ${probes.asked} times in ${probes.seconds.toFixed(1)} s: ${probes.probes} probes of the catalogue.`,
        `Load average from ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}.`,
      ],
    };
  } finally {
    for (const target of started) await target.stop();
    sink.close();
  }
}

function goalsOf(samples: Samples): SuiteReport['goals'] {
  const goal = (name: string, base: string, atLeast: number) => ({ figure: `${name}, of ${base}'s speed`, atLeast, measured: medianRatio(samples, base, name) });
  return [
    goal(names.livez, names.http, 0.95),
    goal(names.service, names.koa, 0.8),
    goal(names.errors, names.service, 0.6),
    goal(names.traces, names.service, 0.5),
    goal(names.refused, names.service, 0.6),
  ];
}

/** Of the seconds within each round: what slows the machine down for a while slows both. Undefined where one was not measured. */
function medianRatio(samples: Samples, of: string, by: string): number | undefined {
  const [above, below] = [samples.get(of)?.samples, samples.get(by)?.samples];
  if (above === undefined || below === undefined) return undefined;
  return median(above.map(({ seconds }, round) => seconds / (below[round]?.seconds ?? Number.NaN)));
}

interface Request {
  readonly port: number;
  readonly path: string;
  /** That of every answer: anything else is no measurement. */
  readonly status: number;
  readonly signal: AbortSignal;
}

async function measureLoad(target: Target, request: Request): Promise<Sample> {
  const before = processCpuSeconds(target.pid) ?? Number.NaN;
  const tree = watchTree(target.pid);
  const { seconds } = await makeLoad(request);
  return { seconds, cpuSeconds: (processCpuSeconds(target.pid) ?? Number.NaN) - before, peaks: tree.stop(), finished: true };
}

async function makeLoad({ port, path, status, signal }: Request, count = requests, parallel = connections): Promise<LoadResult> {
  const { stdout } = await run(process.execPath, [loadProgram, JSON.stringify({ port, path, connections: parallel, requests: count })], { signal });
  const result = JSON.parse(stdout) as LoadResult;
  if (result.statuses[status] !== count) throw new Error(`${path} was answered with ${JSON.stringify(result.statuses)}.`);
  return result;
}

/** Asks `/readyz` without a pause for longer than two intervals. */
async function measureProbes(target: Target, signal: AbortSignal) {
  await target.figures();
  const startedMs = performance.now();
  const elapsed = () => (performance.now() - startedMs) / 1000;
  let asked = 0;
  for (; elapsed() < 2.2 * probeIntervalSeconds; asked += requests) await makeLoad({ port: target.managementPort, path: '/readyz', status: 200, signal });
  const [{ probes }, seconds] = [await target.figures(), elapsed()];
  const goal = { figure: '/readyz under load: probes of the catalogue in each interval', atMost: 1, measured: probes / (Math.floor(seconds / probeIntervalSeconds) + 1) };
  return { probes, seconds, asked, goal };
}

/** The median of the longest turns of the event loop while it is scraped, milliseconds. */
async function measureScrapes(target: Target, rounds: number, signal: AbortSignal): Promise<number> {
  for (let route = 0; route < furtherRoutes; route += 1) await ask(target.port, `/further/${route}`);
  const longest: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await target.figures();
    await makeLoad({ port: target.managementPort, path: '/metrics', status: 200, signal }, 10, 1);
    longest.push((await target.figures()).longestTurnMs);
  }
  return median(longest);
}

async function ask(port: number, path: string): Promise<void> {
  const { status } = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'bench.example', 'X-Forwarded-For': '192.0.2.1' } });
  if (status !== 200) throw new Error(`${path} was answered with ${status}.`);
}

/** Takes what is sent to Sentry and forgets it. */
async function startSink(): Promise<{ dsn: string; close: () => void }> {
  const server = createServer((request, response) => {
    request.resume().once('end', () => response.end('{}'));
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  return {
    dsn: `http://publickey@127.0.0.1:${port}/1`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
