import { startErrorTracking } from '../../src/operations/sentry/start-error-tracking.ts';
import type { TargetKind } from './start-target.ts';

/** The entry of a process that is measured. As in src/api/main.ts, error tracking starts before anything that it instruments is loaded. */
const tracking = await startErrorTracking(process.env);
const { bareHttp, bareKoa, service } = await import('./targets.ts');

const targets = { http: bareHttp, koa: bareKoa, service: async () => service(tracking) };
process.send?.(await targets[process.argv[2] as TargetKind]());
process.once('disconnect', () => { process.exit(0); });
