import { z } from 'zod';
import { commaList } from '../configuration.ts';
import { type Hardening, hardeningOf, modes } from './hardening.ts';
import { SilencedChecks } from './self-check/silenced-checks.ts';

const onOrOff = z.stringbool().optional();
const list = commaList.optional();

/** The variables that set a service's hardening, to be read by `readConfiguration` together with the process's own. */
export const hardeningVariables = {
  HOLDFAST_MODE: z.enum(modes).default('production'),
  HOLDFAST_DEBUG: onOrOff,
  HOLDFAST_HTTPS_REDIRECT: onOrOff,
  HOLDFAST_HSTS_SECONDS: z.coerce.number().int().min(0).optional(),
  HOLDFAST_HSTS_INCLUDE_SUBDOMAINS: onOrOff,
  HOLDFAST_HSTS_PRELOAD: onOrOff,
  HOLDFAST_SESSION_COOKIE_SECURE: onOrOff,
  HOLDFAST_CSRF_COOKIE_SECURE: onOrOff,
  HOLDFAST_ALLOWED_HOSTS: list,
  HOLDFAST_TRUSTED_ORIGINS: list,
  HOLDFAST_PROXY_HOPS: z.coerce.number().int().min(0).max(10).optional(),
  HOLDFAST_PASSWORD_MINIMUM: z.coerce.number().int().min(1).max(128).optional(),
  /** Several keys, separated by commas: the first signs, all verify. */
  HOLDFAST_SECRET_KEY: list,
  HOLDFAST_SECURITY_CONTACT: list,
  HOLDFAST_SECURITY_TXT_EXPIRES: z.iso.datetime({ offset: true }).or(z.iso.date()).transform((text) => new Date(text)).optional(),
  HOLDFAST_SILENCED_CHECKS: SilencedChecks.default([]),
};

type HardeningVariables = z.infer<z.ZodObject<typeof hardeningVariables>>;

/** The hardening that these variables ask for: the mode's defaults, and what is set on top. */
export function hardeningOfVariables(variables: HardeningVariables): Hardening {
  const { HOLDFAST_SECURITY_CONTACT: contacts, HOLDFAST_SECURITY_TXT_EXPIRES: expires } = variables;
  return hardeningOf(variables.HOLDFAST_MODE, {
    ...given('debug', variables.HOLDFAST_DEBUG),
    ...given('httpsRedirect', variables.HOLDFAST_HTTPS_REDIRECT),
    ...given('hstsSeconds', variables.HOLDFAST_HSTS_SECONDS),
    ...given('hstsIncludeSubdomains', variables.HOLDFAST_HSTS_INCLUDE_SUBDOMAINS),
    ...given('hstsPreload', variables.HOLDFAST_HSTS_PRELOAD),
    ...given('sessionCookieSecure', variables.HOLDFAST_SESSION_COOKIE_SECURE),
    ...given('csrfCookieSecure', variables.HOLDFAST_CSRF_COOKIE_SECURE),
    ...given('allowedHosts', variables.HOLDFAST_ALLOWED_HOSTS),
    ...given('trustedOrigins', variables.HOLDFAST_TRUSTED_ORIGINS),
    ...given('proxyHops', variables.HOLDFAST_PROXY_HOPS),
    ...given('passwordMinimum', variables.HOLDFAST_PASSWORD_MINIMUM),
    ...given('secretKeys', variables.HOLDFAST_SECRET_KEY),
    ...given('securityTxt', contacts !== undefined && expires !== undefined ? { contacts, expires } : undefined),
  });
}

/** A variable that is not set leaves the mode's default standing. */
function given<Setting extends keyof Hardening>(setting: Setting, value: Hardening[Setting] | undefined): Partial<Hardening> {
  return value === undefined ? {} : { [setting]: value };
}
