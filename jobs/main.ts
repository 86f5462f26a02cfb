#!/usr/bin/env node
// Before anything uses libuv's thread pool: compression and file writes of several parts share it.
process.env['UV_THREADPOOL_SIZE'] ??= '8';

const { runJob } = await import('./run-job.ts');

// A reader that went away (`holdfast list | head`) is no failure.
process.stdout.on('error', () => undefined);

process.exitCode = await runJob({
  arguments: process.argv.slice(2),
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
});

// A handle that somebody forgot must not keep a Job from ending: ten seconds after the work, the process ends regardless.
setTimeout(() => process.exit(), 10_000).unref();
