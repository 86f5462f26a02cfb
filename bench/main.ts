import { writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { type Options, readOptions, usage } from './options.ts';
import { renderReport, type SuiteReport, verdictOf } from './report/report.ts';
import { runSuites } from './suites/run-suites.ts';

/** `npm run bench`: measures what was asked for, prints tables, and writes the figures for programs where --json says. */
async function main(words: readonly string[], signal: AbortSignal): Promise<void> {
  const options = readOptions(words);
  const machine = { processors: cpus().length, model: cpus()[0]?.model, memory: totalmem(), kernel: release(), node: process.version };
  process.stdout.write(`${machine.processors} × ${machine.model}, ${Math.round(machine.memory / 2 ** 30)} GiB, Linux ${machine.kernel}, Node ${machine.node}\n`);
  const reports: SuiteReport[] = [];
  const onReport = async (report: SuiteReport): Promise<void> => {
    reports.push(report);
    process.stdout.write(`${renderReport(report)}\n`);
    // After each suite: a run that is stopped later keeps what it has measured.
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures(machine, options, reports), undefined, 2)}\n`);
  };
  await runSuites(options, { signal, say: (line) => process.stderr.write(`${line}\n`), onReport });
}

function figures(machine: Readonly<Record<string, unknown>>, options: Options, reports: readonly SuiteReport[]): Record<string, unknown> {
  const { command, postgres, size, sizes, rounds, connections } = options;
  const suites = reports.map((report) => ({ ...report, goals: report.goals.map((goal) => ({ ...goal, verdict: verdictOf(goal) })) }));
  return { at: new Date().toISOString(), machine, options: { command, postgres, size, sizes, rounds, connections }, suites };
}

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));

if (process.argv.includes('--help')) {
  process.stdout.write(usage);
} else {
  try {
    await main(process.argv.slice(2), stop.signal);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
