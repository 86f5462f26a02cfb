#!/usr/bin/env node
import { createRequire, enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Half of the time to start, where only this user can write.
const home = process.env['HOME'];
if (home) enableCompileCache(join(home, '.cache', 'holdfast'));

const { runPlugin } = await import('./run-plugin.ts');
const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

// A reader that went away (`kubectl holdfast logs … | head`) is no failure.
process.stdout.on('error', () => undefined);

process.exitCode = await runPlugin({
  words: process.argv.slice(2),
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
  version,
});
