// Backs a database up into memory and restores it, for tests that kill it on the way: node restore-program.ts SOURCE TARGET create|swap.
// Writes each phase that the restore enters on a line of its own.
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { createPostgresEngine } from '../../../../jobs/engines/postgres/engine.ts';
import type { EngineContext } from '../../../../jobs/engines/engine.ts';
import { createLogger } from '../../../../src/operations/logging.ts';
import type { PartSlice } from '../../../../src/repository/manifest/manifest.ts';

const [source = '', target = '', mode] = process.argv.slice(2);
const engine = createPostgresEngine({ environment: process.env, programFolders: process.env['TEST_POSTGRES_BIN_15'] });
const context: EngineContext = {
  signal: new AbortController().signal,
  log: createLogger({ level: 'silent', name: 'test' }),
  progress: { phase: () => {}, advance: () => {} },
};
const stored = new Map<string, Buffer>();
const nameOf = (raw: Buffer) => createHash('sha256').update(raw).digest('hex');
const content = await engine.backup(context, {
  source,
  options: { connections: 2, globals: false, rolePasswords: false },
  sink: {
    write: (raw) => {
      const name = nameOf(raw);
      stored.set(name, raw);
      return Promise.resolve({ name, raw: raw.length });
    },
  },
});
const read = (slice: PartSlice) => {
  const start = slice.offset ?? 0;
  return Promise.resolve((stored.get(slice.part) as Buffer).subarray(start, start + (slice.length ?? slice.raw)));
};
const streams = content.streams.map((stream) => ({ ...stream, slices: stream.slices.map((slice) => ({ ...slice, stored: slice.raw, encoding: 'raw' as const })) }));
const progress = { phase: (name: string) => void writeSync(1, `${name}\n`), advance: () => {} };
await engine.restore(
  { ...context, progress },
  {
    body: { format: 1, engine: 'postgres', details: content.details, streams },
    target,
    parts: {
      nameOf,
      read,
      async *readAll(slices) {
        for (const slice of slices) yield await read(slice);
      },
    },
    options: { dryRun: false, overwrite: false, swap: mode === 'swap', endSessions: false, skipOwners: false, connections: 2 },
  },
);
