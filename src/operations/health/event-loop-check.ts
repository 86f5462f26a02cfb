import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Check, CheckProblem, type CheckTiming } from './check.ts';
import { healthErrors } from './health-errors.ts';

interface EventLoopCheckOptions extends CheckTiming {
  readonly warnMs?: number;
  readonly failMs?: number;
}

/**
 * Watches how late the event loop is: the 99th percentile since the check's last run. Never critical: taking a busy
 * replica away makes the others busier. A loop that does not turn at all is for `/livez` to tell.
 */
export function eventLoopCheck({ warnMs = 200, failMs = 2_000, ...timing }: EventLoopCheckOptions = {}): Check {
  const delay = monitorEventLoopDelay({ resolution: 20 });
  return {
    name: 'event_loop',
    critical: false,
    ...timing,
    async run() {
      // Enabled by the first run, so that making the check starts nothing.
      delay.enable();
      const milliseconds = delay.count === 0 ? 0 : Math.round(delay.percentile(99) / 1e5) / 10;
      delay.reset();
      const facts = { lag_ms: milliseconds };
      if (milliseconds < warnMs) return facts;
      const level = milliseconds < failMs ? 'warning' : 'error';
      throw new CheckProblem(healthErrors.EVENT_LOOP_LAGS({ milliseconds }), { level, facts });
    },
  };
}
