#!/usr/bin/env node
import { createRequire } from 'node:module';
import { startErrorTracking } from '../operations/sentry/start-error-tracking.ts';

// Before anything that it instruments is loaded.
const tracking = await startErrorTracking(process.env);

const { runCommand } = await import('./run-command.ts');
const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

process.exitCode = await runCommand(process.argv.slice(2), {
  environment: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
  folder: process.cwd(),
  version,
  tracking,
});
