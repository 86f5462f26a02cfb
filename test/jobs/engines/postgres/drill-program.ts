// Backs a database up into memory and drills it, for tests that kill it on the way: node drill-program.ts SOURCE SCRATCH.
// Writes each phase that the drill enters on a line of its own.
import { writeSync } from 'node:fs';
import { createPostgresEngine } from '../../../../jobs/engines/postgres/engine.ts';
import { createLogger } from '../../../../src/operations/logging.ts';
import { bodyOf, createMemoryParts } from '../memory-parts.ts';

const [source = '', scratch = ''] = process.argv.slice(2);
const engine = createPostgresEngine({ environment: process.env, programFolders: process.env['TEST_POSTGRES_BIN_15'] });
const context = { signal: new AbortController().signal, log: createLogger({ level: 'silent', name: 'test' }), progress: { phase: () => {}, advance: () => {} } };
const parts = createMemoryParts();
const content = await engine.backup(context, { source, sink: parts, options: { connections: 2, globals: false, rolePasswords: false } });
const progress = { phase: (name: string) => void writeSync(1, `${name}\n`), advance: () => {} };
await engine.drill({ ...context, progress }, { body: bodyOf('postgres', content), parts, scratch, connections: 2 });
