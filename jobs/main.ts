#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Before anything uses libuv's thread pool: compression and file writes of several parts share it.
process.env['UV_THREADPOOL_SIZE'] ??= '8';

// Half the start-up time and 30 MiB of memory: compiled sources are kept, where only this user can write.
const home = process.env['HOME'];
if (home) enableCompileCache(join(home, '.cache', 'holdfast'));

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
