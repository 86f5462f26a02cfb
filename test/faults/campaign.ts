import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type CaseResult, type FaultCase, formatCase } from './case.ts';
import { dropTemplates, readTemplates } from './templates.ts';

export interface CampaignOptions {
  readonly cases: readonly FaultCase[];
  /** Processes side by side. */
  readonly lanes: number;
  readonly onResult?: (result: CaseResult, done: number) => void;
}

const nodeOptions = ['--disable-warning=ExperimentalWarning'];

/** Runs the cases on as many processes as there are lanes, and gives their results in the order in which they ended. */
export async function runCampaign({ cases, lanes, onResult = () => undefined }: CampaignOptions): Promise<CaseResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-faults-'));
  // The user that PostgreSQL is run as where we are root has to reach a drill's folder below.
  chmodSync(folder, 0o711);
  const templatesFolder = join(folder, 'templates');
  mkdirSync(templatesFolder);
  await promisify(execFile)(process.execPath, [...nodeOptions, join(import.meta.dirname, 'build-templates.ts'), templatesFolder]);
  const templates = readTemplates(templatesFolder);
  const waiting = [...cases];
  const results: CaseResult[] = [];
  try {
    await Promise.all(
      Array.from({ length: Math.min(lanes, cases.length) }, async (_, index) => {
        let lane = await startLane(join(folder, `lane-${index}`), templatesFolder);
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          const result = await runInLane(lane, next);
          results.push(result);
          onResult(result, results.length);
          if (lane.connected && !hung(result)) continue;
          lane.kill('SIGKILL');
          lane = await startLane(join(folder, `lane-${index}-${results.length}`), templatesFolder);
        }
        await stopLane(lane);
      }),
    );
  } finally {
    await dropTemplates(templates);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return results;
}

async function startLane(folder: string, templates: string): Promise<ChildProcess> {
  mkdirSync(folder, { recursive: true });
  const lane = fork(join(import.meta.dirname, 'lane.ts'), [folder, templates], { execArgv: nodeOptions, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await Promise.race([once(lane, 'message'), once(lane, 'exit').then(() => { throw new Error('a lane did not start'); })]);
  return lane;
}

/** A lane that dies has shown a defect of the product too: it ran in that process. */
async function runInLane(lane: ChildProcess, faultCase: FaultCase): Promise<CaseResult> {
  const ended = new AbortController();
  try {
    lane.send(faultCase);
    const died = once(lane, 'exit', { signal: ended.signal }).then((): CaseResult => {
      const code = `the process ended while it ran ${formatCase(faultCase)}`;
      return { ...faultCase, ms: 0, outcome: { ended: 'unclear', code, falseSuccesses: [], lost: [], leftovers: [] } };
    });
    const answered = once(lane, 'message', { signal: ended.signal }).then(([message]) => message as CaseResult);
    return await Promise.race([answered, died]);
  } finally {
    ended.abort();
  }
}

function hung({ outcome }: CaseResult): boolean {
  return outcome.ended === 'unclear' && (outcome.code ?? '').startsWith('it has not ended');
}

async function stopLane(lane: ChildProcess): Promise<void> {
  const gone = once(lane, 'exit');
  lane.disconnect();
  await gone;
}
