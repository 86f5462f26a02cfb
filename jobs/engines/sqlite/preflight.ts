import { realpath, stat, statfs } from 'node:fs/promises';
import type { DatabaseSync } from 'node:sqlite';
import { codeOf } from '../../../src/operations/errors.ts';
import { fillText, type Text } from '../../../src/operations/text.ts';
import type { EngineContext } from '../engine.ts';
import { type FindingLevel, namesShown, type PreflightFinding, type PreflightReport, showNames, sortFindings } from '../preflight.ts';
import { parseAddress } from './address.ts';
import { isNetworkFileSystem } from './preflight/file-system.ts';
import { quickCheckInChild } from './preflight/quick-check-child.ts';
import { readValue, toSourceError } from './read/connection.ts';
import { openSnapshot } from './read/snapshot.ts';

/** Above, checkpoints do not get through: readers that never end, or none that runs. */
const largeLog = 64 * 1024 * 1024;

/**
 * Looks at a database as a backup would read it, and then through all of its pages in a process of its own. Throws
 * sqliteErrors where there is no database to look at.
 */
export async function preflightSqlite({ signal, progress }: EngineContext, { source, lockWaitMs }: { readonly source: string; readonly lockWaitMs: number }): Promise<PreflightReport> {
  progress.phase('preparing');
  const snapshot = await openSnapshot(source, { signal, lockWaitMs });
  const path = await realpath(parseAddress(source));
  const findings: PreflightFinding[] = [];
  let version: unknown;
  try {
    const { database, header, pageCount, wal } = snapshot;
    version = readValue(database, 'SELECT sqlite_version()');
    const log = await sizeOf(`${path}-wal`);
    if (!wal) findings.push(toFinding('ROLLBACK_JOURNAL', []));
    if (wal && log > largeLog) findings.push(toFinding('LOG_LARGE', [`${log}`]));
    const beyond = (await sizeOf(path)) - pageCount * header.pageSize;
    if (!wal && beyond > 0) findings.push(toFinding('BYTES_BEYOND', [`${beyond}`]));
    const foreign = listForeignTables(database);
    if (foreign.length > 0) findings.push(toFinding('MODULES_MISSING', foreign));
    if (isNetworkFileSystem((await statfs(path)).type)) findings.push(toFinding('NETWORK_FILE_SYSTEM', []));
    progress.phase('checking');
    // While the snapshot is held: with it goes what reading left beside the file.
    const check = await quickCheckInChild(path, signal);
    if ('unchecked' in check) findings.push(toFinding('UNCHECKED', [check.unchecked]));
    else if (check.found.length > 0) findings.push(toFinding('DAMAGED', check.found));
  } catch (error) {
    throw toSourceError(error, source);
  } finally {
    await snapshot.close();
  }
  return { server: `SQLite ${String(version)}`, findings: sortFindings(findings) };
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}

/** Virtual tables whose modules this program lacks. Opens none of them. */
function listForeignTables(database: DatabaseSync): string[] {
  const modules = new Set(database.prepare('SELECT name FROM pragma_module_list').all().map(({ name }) => String(name).toLowerCase()));
  return database
    .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%' ORDER BY name")
    .all()
    .flatMap(({ name, sql }) => {
      const module = /\sUSING\s+["'`[]?(\w+)/i.exec(String(sql))?.[1]?.toLowerCase() ?? '';
      return modules.has(module) ? [] : [`${String(name)} (${module})`];
    });
}

const kinds = {
  DAMAGED: {
    level: 'error',
    message: {
      en: 'The file is damaged: {names}. A backup is equal to it, damage included, and cannot be restored: restore the last good one beside it.',
      zh: '文件已损坏：{names}。备份会与其完全一致（包括损坏），无法恢复：请将最近的完好备份恢复到旁边。',
    },
  },
  UNCHECKED: {
    level: 'warning',
    message: { en: 'The pages could not be checked: {names}.', zh: '无法检查页面：{names}。' },
  },
  LOG_LARGE: {
    level: 'warning',
    message: {
      en: 'The write-ahead log has {names} bytes: checkpoints do not get through. Look for a reader that never ends its transaction.',
      zh: '预写日志已有 {names} 字节：检查点无法完成。请查找从不结束事务的读者。',
    },
  },
  MODULES_MISSING: {
    level: 'warning',
    message: {
      en: 'Virtual tables need modules that Holdfast does not have; they are backed up, but their restore cannot be checked: {names}.',
      zh: '这些虚拟表所需的模块 Holdfast 没有；会备份，但恢复时无法检查：{names}。',
    },
  },
  NETWORK_FILE_SYSTEM: {
    level: 'warning',
    message: {
      en: 'The file lies on a network file system, where locks may not hold: run backups on the machine that writes it.',
      zh: '文件位于网络文件系统，锁可能无效：请在写入该文件的机器上运行备份。',
    },
  },
  ROLLBACK_JOURNAL: {
    level: 'warning',
    message: {
      en: 'The database is in a rollback journal mode: writers wait while it is read. PRAGMA journal_mode=WAL lets them go on.',
      zh: '数据库处于回滚日志模式：读取期间写入者须等待。PRAGMA journal_mode=WAL 可避免等待。',
    },
  },
  BYTES_BEYOND: {
    level: 'info',
    message: {
      en: '{names} bytes at the end of the file are no pages of the database and not in the backup.',
      zh: '文件末尾的 {names} 字节不是数据库页面，不在备份中。',
    },
  },
} as const satisfies Record<string, { readonly level: FindingLevel; readonly message: Text }>;

function toFinding(code: keyof typeof kinds, names: readonly string[]): PreflightFinding {
  const { level, message } = kinds[code];
  const shown = names.slice(0, namesShown);
  return { code, level, message: fillText(message, { names: showNames(shown, names.length) }), names: shown, count: Math.max(1, names.length) };
}
