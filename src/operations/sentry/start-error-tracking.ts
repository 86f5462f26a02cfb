import { type Environment, readConfiguration } from '../configuration.ts';
import { secretsOf } from './environment-secrets.ts';
import { type ErrorTracking, errorTrackingOff } from './error-tracking.ts';
import { SentrySettings } from './settings.ts';

export interface TrackingOptions {
  /** False: no request or task is ever traced, whatever the rate; nothing is instrumented. */
  readonly traces?: boolean;
}

/**
 * Starts error tracking by the variables of SentrySettings, or gives `errorTrackingOff` without a SENTRY_DSN. Call it before
 * anything imports koa and pg, which are instrumented as they load: by `node --import …/sentry/instrument.ts`, or first in
 * a main that imports its application afterwards. Called again, as a main does after `--import`, it gives what was started
 * first. The environment's secrets are hidden in whatever is sent. Throws CONFIGURATION_INVALID.
 */
export async function startErrorTracking(environment: Environment, options: TrackingOptions = {}): Promise<ErrorTracking> {
  if (!environment['SENTRY_DSN'] && !environment['SENTRY_DSN_FILE']) return errorTrackingOff;
  const settings = readConfiguration(SentrySettings, environment);
  // A quarter of a second and 40 MiB, for those only who use it.
  const { trackBySentry } = await import('./sentry.ts');
  const tracking = trackBySentry(options.traces === false ? { ...settings, SENTRY_TRACES_SAMPLE_RATE: 0 } : settings);
  tracking.hide(secretsOf(environment));
  return tracking;
}
