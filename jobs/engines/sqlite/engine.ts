import type { Engine } from '../engine.ts';
import { besideSource, defaultName, formatAddress, parseAddress } from './address.ts';
import { backup } from './backup.ts';
import { drill } from './drill.ts';
import { exportBackup } from './export.ts';
import { preflightSqlite } from './preflight.ts';
import { restore } from './restore.ts';
import { inspectTarget } from './write/target.ts';

/** The engine for SQLite files. `lockWaitMs` is how long a backup waits for a lock that another program holds. */
export function createSqliteEngine({ lockWaitMs = 30_000 }: { readonly lockWaitMs?: number } = {}): Engine {
  return {
    kind: 'sqlite',
    describe: (address) => formatAddress(parseAddress(address)),
    defaultName,
    besideSource,
    backup: (context, { source, sink }) => backup(context, { source: formatAddress(parseAddress(source)), sink, lockWaitMs }),
    preflight: (context, source) => preflightSqlite(context, { source: formatAddress(parseAddress(source)), lockWaitMs }),
    inspectTarget: async (_context, target) => (await inspectTarget(target)).state,
    restore,
    drill,
    export: exportBackup,
  };
}
