import { cookieChecks } from './cookie-checks.ts';
import type { DeployCheck } from './deploy-check.ts';
import { headerChecks } from './header-checks.ts';
import { processChecks } from './process-checks.ts';
import { transportChecks } from './transport-checks.ts';

/** Every check, by id. docs/deployment-checklist.md lists them. */
export const deployChecks: readonly DeployCheck[] = [...processChecks, ...transportChecks, ...headerChecks, ...cookieChecks].toSorted((one, other) =>
  one.id.localeCompare(other.id, 'en'),
);
