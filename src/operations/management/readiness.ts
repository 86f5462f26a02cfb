import type { CheckReport } from '../health/check-watch.ts';
import { blocks, type Health } from '../health/health.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import { type ManagementAnswer, textAnswer } from './exchange.ts';
import { managementErrors } from './management-errors.ts';

interface ReadinessOptions {
  readonly health: Health;
  readonly lifecycle: Readonly<Lifecycle>;
}

/**
 * The answer of `/readyz`: 200 while the service runs and no critical check has failed. Names every check that blocks; with
 * `?verbose` all of them. `?exclude=<check>` leaves a check out, any number of times; the lifecycle cannot be left out.
 */
export function readyz({ health, lifecycle }: ReadinessOptions, query: URLSearchParams): ManagementAnswer {
  const excluded = new Set(query.getAll('exclude'));
  const { checks } = health.report();
  const counted = checks.filter((check) => !excluded.has(check.name));
  const running = lifecycle.phase === 'running';
  const ready = running && !counted.some(blocks);
  const lines = [
    running ? '[+]lifecycle running' : `[-]lifecycle ${lifecycle.phase}`,
    ...counted.map(describe),
    ...checks.filter((check) => excluded.has(check.name)).map((check) => `[ ]${check.name} excluded`),
    ...[...excluded].filter((name) => !checks.some((check) => check.name === name)).map((name) => `[?]${name} is no check`),
  ];
  const shown = query.has('verbose') ? lines : lines.filter((line) => line.startsWith('[-]'));
  return textAnswer(ready ? 200 : 503, `${[...shown, ready ? 'ok' : 'readyz failed'].join('\n')}\n`);
}

/** The answer of `/readyz/<check>`: 503 while that check, critical or not, has failed. Throws MANAGEMENT_PATH_UNKNOWN. */
export function readyzOf({ health }: ReadinessOptions, name: string): ManagementAnswer {
  const check = health.report().checks.find((candidate) => candidate.name === name);
  if (check === undefined) throw managementErrors.MANAGEMENT_PATH_UNKNOWN({ path: `/readyz/${name}` });
  return textAnswer(check.status === 'ok' || check.status === 'warning' ? 200 : 503, `${describe(check)}\n`);
}

/** The answer of `/startupz`: 200 once every part has started, and from then on. */
export function startupz({ lifecycle }: ReadinessOptions): ManagementAnswer {
  return lifecycle.phase === 'starting' ? textAnswer(503, 'starting\n') : textAnswer(200, 'ok\n');
}

/** `[-]` for what blocks, `[!]` for what is amiss without blocking. */
function describe(check: CheckReport): string {
  const mark = blocks(check) ? '[-]' : check.status === 'ok' ? '[+]' : '[!]';
  const facts = Object.entries(check.facts).map(([name, value]) => ` ${name}=${value}`);
  return `${mark}${check.name} ${check.status}${facts.join('')}${check.error ? `: ${check.error.code}: ${check.error.message}` : ''}`;
}
