import { z } from 'zod';

const rate = z.coerce.number('use a number from 0 to 1').min(0, 'use a number from 0 to 1').max(1, 'use a number from 0 to 1');

/**
 * The variables of error tracking. Without SENTRY_DSN it is off, and the others are not looked at.
 * Both rates are shares from 0 to 1: of unexpected errors that are reported, and of requests and tasks that are traced.
 */
export const SentrySettings = z.object({
  /** `https://<public key>@<host>/<project>`. */
  SENTRY_DSN: z.string().regex(/^https?:\/\/\w+@[^\s/@]+(\/[^\s/@]+)*\/\d+$/, 'use https://<public key>@<host>/<project number>'),
  ENVIRONMENT: z.string().regex(/^[^\s/]{1,64}$/, 'use at most 64 characters without spaces and slashes').default('production'),
  SENTRY_TRACES_SAMPLE_RATE: rate.default(0.1),
  SENTRY_SAMPLE_RATE: rate.default(1),
  RELEASE: z.string().max(200, 'use at most 200 characters').optional(),
});
export type SentrySettings = z.infer<typeof SentrySettings>;
