#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';

// Before anything uses libuv's thread pool: compression and file writes of several parts share it.
process.env['UV_THREADPOOL_SIZE'] ??= '8';

// V8 takes the parts in flight for a heap that grows, and would look for garbage in it several times a second; there is
// none, since their memory is used again: it shall look when four times as much is there.
setFlagsFromString('--heap-growing-percent=300');

// Half the start-up time and 30 MiB of memory, here and in each thread, which learn of it by the environment: compiled
// sources are kept, where only this user can write.
const home = process.env['HOME'];
if (home) {
  process.env['NODE_COMPILE_CACHE'] ??= join(home, '.cache', 'holdfast');
  enableCompileCache(process.env['NODE_COMPILE_CACHE']);
}

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
