import type { Draft } from '../kubernetes/objects.ts';
import type { Resource } from '../kubernetes/resources/kinds.ts';
import { newRunName } from '../kubernetes/resources/run-names.ts';
import { renderText, type Text } from '../operations/text.ts';
import type { PluginContext, RunOptions } from './command.ts';
import { type RunKind, runReference, waitForRun } from './wait-for-run.ts';

interface Requested<Kind extends RunKind> {
  readonly kind: Kind;
  readonly spec: Draft<Kind>['spec'];
  /** What a run without a name is named after. */
  readonly about: string;
  /** For programs. */
  readonly summarize: (run: Resource<Kind>) => object;
  /** For people: how a run went well. */
  readonly succeeded: (run: Resource<Kind>) => string;
}

const texts = {
  requested: { en: '{run} was requested in {namespace}. See it by: kubectl holdfast logs -n {namespace} {run}', zh: '已在 {namespace} 中请求 {run}。查看：kubectl holdfast logs -n {namespace} {run}' },
  failed: { en: '{run} failed: {code}: {message}', zh: '{run} 失败：{code}：{message}' },
} as const satisfies Record<string, Text>;

const failedCode = 1;

/** Makes the resource of a run and, with `--wait`, tells how it ended. Gives the exit code: the job's own where it failed. */
export async function requestRun<Kind extends RunKind>(context: PluginContext, { kind, spec, about, summarize, succeeded }: Requested<Kind>, { name = newRunName(about, context.now()), wait = false, timeout }: RunOptions): Promise<number> {
  const { client, namespace, language, json, stdout, stderr, signal } = context;
  const run = runReference(kind, name);
  const made = (await client.create(kind, { metadata: { namespace, name }, spec }, { signal })) as Resource<Kind>;
  if (!json || wait) (json ? stderr : stdout).write(`${renderText(texts.requested, language, { run, namespace })}\n`);
  const latest = wait ? await waitForRun(context, kind, name, timeout) : made;
  if (json) stdout.write(`${JSON.stringify(summarize(latest))}\n`);
  const { phase, failure } = latest.status ?? {};
  if (phase === 'Succeeded' && !json) stdout.write(`${succeeded(latest)}\n`);
  if (phase !== 'Failed') return 0;
  stderr.write(`${renderText(texts.failed, language, { run, code: failure?.code ?? 'UNKNOWN', message: failure?.message ?? '' })}\n${failure?.hint === undefined ? '' : `  ${failure.hint}\n`}`);
  return failure?.exitCode ?? failedCode;
}
