import { setTimeout as sleep } from 'node:timers/promises';
import type { Resource } from '../kubernetes/resources/kinds.ts';
import { HoldfastError } from '../operations/errors.ts';
import { formatDuration, parseDuration } from '../operations/format.ts';
import { renderText, type Text } from '../operations/text.ts';
import type { PluginContext } from './command.ts';
import { pluginErrors } from './plugin-errors.ts';

/** The kinds of which one object is one run. */
export type RunKind = 'Backup' | 'Restore' | 'Drill';

const lookEveryMs = 1_000;

const texts = {
  Pending: { en: '{run}: waits for its pod', zh: '{run}：等待 Pod' },
  Running: { en: '{run}: runs', zh: '{run}：运行中' },
  away: { en: 'The API server does not answer; the run goes on, and it is asked again.', zh: 'API 服务器无应答；运行仍在继续，将重新查询。' },
} as const satisfies Record<string, Text>;

/**
 * The run once it is over. What changes meanwhile is said on standard error. Goes on while the API server is away. Throws WAIT_TIMED_OUT,
 * OBJECT_NOT_FOUND where somebody deletes it.
 */
export async function waitForRun<Kind extends RunKind>(context: PluginContext, kind: Kind, name: string, timeout: string | undefined): Promise<Resource<Kind>> {
  const { namespace, language, stderr, signal } = context;
  const run = runReference(kind, name);
  const limitMs = timeout === undefined ? Infinity : timeoutOf(timeout);
  const startedMs = performance.now();
  let said = '';
  const say = (text: Text): void => {
    const line = renderText(text, language, { run });
    if (line !== said) stderr.write(`${line}\n`);
    said = line;
  };
  for (;;) {
    const found = await look(context, kind, { namespace, name });
    if (found === undefined) {
      say(texts.away);
    } else {
      const { phase = 'Pending' } = found.status ?? {};
      if (phase === 'Succeeded' || phase === 'Failed') return found;
      say(texts[phase]);
    }
    if (performance.now() - startedMs > limitMs) throw pluginErrors.WAIT_TIMED_OUT({ run, duration: formatDuration(limitMs) });
    await sleep(lookEveryMs, undefined, { signal });
  }
}

/** As `kubectl holdfast logs` takes it: `backup/shop-20260116`. */
export function runReference(kind: RunKind, name: string): string {
  return `${kind.toLowerCase()}/${name}`;
}

/** Undefined while the API server is away. */
async function look<Kind extends RunKind>({ client, signal }: PluginContext, kind: Kind, name: { readonly namespace: string; readonly name: string }): Promise<Resource<Kind> | undefined> {
  try {
    // The generic kind keeps the client from knowing that it is one of ours.
    return (await client.get(kind, name, { signal })) as Resource<Kind>;
  } catch (error) {
    if (error instanceof HoldfastError && error.category === 'dependency') return undefined;
    throw error;
  }
}

function timeoutOf(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined) throw pluginErrors.PLUGIN_USAGE_INVALID({ problem: `--timeout ${text}` });
  return milliseconds;
}
