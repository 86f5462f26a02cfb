import { accessChecks } from './access.ts';
import type { Check } from './check.ts';
import { containerChecks } from './containers.ts';
import { workloadChecks } from './workloads.ts';

export const staticChecks: readonly Check[] = [...containerChecks, ...workloadChecks, ...accessChecks];
