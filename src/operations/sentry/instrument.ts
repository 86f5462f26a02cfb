import { startErrorTracking } from './start-error-tracking.ts';

// The entry of `node --import …/sentry/instrument.ts main.ts`: runs before any module that is to be instrumented is loaded.
await startErrorTracking(process.env);
