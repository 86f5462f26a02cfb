#!/usr/bin/env node
import { createRequire } from 'node:module';
import { startErrorTracking } from '../operations/sentry/start-error-tracking.ts';

// Before anything that it instruments is loaded.
const tracking = await startErrorTracking(process.env);

const { runController } = await import('./run-controller.ts');
const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

process.exitCode = await runController({
  words: process.argv.slice(2),
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
  version,
  tracking,
});
