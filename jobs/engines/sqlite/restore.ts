import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { type FileHandle, open, rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fillText, type Text } from '../../../src/operations/text.ts';
import { codeOf } from '../../../src/operations/errors.ts';
import type { Stream } from '../../../src/repository/manifest/manifest.ts';
import type { EngineContext, RestoreRequest, RestoreResult } from '../engine.ts';
import { sourceErrors } from '../source-errors.ts';
import { formatAddress } from './address.ts';
import type { CheckResult } from './write/check.ts';
import { checkInChild } from './write/check-child.ts';
import { readContent, type SqliteDetails } from './content.ts';
import { previousPath, removeLeftovers, replaceFile, restoringPath } from './write/replace-file.ts';
import { sqliteErrors } from './sqlite-errors.ts';
import { failed, inspectTarget, refuseTargetInUse, type Target } from './write/target.ts';
import { writeAll } from './write/write-file.ts';

/**
 * Writes the file beside the target, checks it there and then gives it the target's name. With `overwrite` or `swap` the
 * previous file stays beside it under another name. Killed at any moment it leaves the target whole, old or new.
 */
export async function restore(context: EngineContext, { body, parts, target: address, options }: RestoreRequest): Promise<RestoreResult> {
  const { signal, log, progress } = context;
  progress.phase('preparing');
  const { details, pages } = readContent(body);
  const target = await inspectTarget(address);
  if (target.state === 'occupied' && !options.overwrite && !options.swap) {
    throw sourceErrors.RESTORE_TARGET_OCCUPIED({ target: target.address });
  }
  await refuseTargetInUse(target);
  const finished = restoringPath(target.path, randomBytes(3).toString('hex'));
  const previous = target.state === 'occupied' ? previousPath(target.path, new Date()) : undefined;
  const result = {
    target: target.address,
    ...(previous !== undefined && { previous: formatAddress(previous) }),
    tables: details.tables.length,
    bytes: pages.bytes,
    plan: planOf(target, { finished, previous, bytes: pages.bytes }),
  };
  if (!options.dryRun) {
    const removed = await removeLeftovers(target.path).catch((error: unknown) => {
      throw failed(target.address, 'remove what an earlier restore left', error);
    });
    if (removed.length > 0) log.info({ removed }, 'removed what earlier restores left unfinished');
  }
  await refuseFullDisk(target, pages.bytes);
  if (options.dryRun) return { ...result, rows: 0, warnings: [] };

  const earlier = target.state === 'absent' ? undefined : await stat(target.path);
  try {
    progress.phase('writing', pages.bytes);
    const file = await open(finished, 'wx', 0o666).catch((error: unknown) => {
      throw failed(target.address, 'create a file beside the target', error);
    });
    try {
      const mode = await hide(file);
      await writePages(file, { target, pages, source: parts.readAll(pages.slices), signal, advance: (bytes) => progress.advance(bytes) });
      progress.phase('checking');
      const check = await checkInChild(finished, signal);
      refuseDifferences(check, { details, target });
      await show(file, { mode, earlier });
      await refuseChanged(target);
      signal.throwIfAborted();
      await replaceFile(finished, target, previous).catch((error: unknown) => {
        throw codeOf(error) === 'EEXIST' ? sourceErrors.RESTORE_TARGET_OCCUPIED({ target: target.address }, { cause: error }) : failed(target.address, 'exchange the files', error);
      });
      return { ...result, rows: check.rows, warnings: warningsOf(check) };
    } finally {
      await file.close();
    }
  } finally {
    // After the exchange there is none of this name.
    await rm(finished, { force: true });
  }
}

const steps = {
  write: { en: 'Write {bytes} bytes to {finished}.', zh: '将 {bytes} 字节写入 {finished}。' },
  check: { en: 'Check its size, its integrity, its foreign keys and its definitions.', zh: '检查其大小、完整性、外键与定义。' },
  keep: { en: 'Keep the present {path} as {previous}.', zh: '将现有的 {path} 保留为 {previous}。' },
  name: { en: 'Give it the name of the target {address}.', zh: '将其改为目标名称 {address}。' },
  replaceEmpty: { en: 'Give it the name of the target {address}, which is empty.', zh: '将其改为目标名称 {address}（目标为空）。' },
} as const satisfies Record<string, Text>;

const findings = {
  orphans: { en: '{orphans} rows have a foreign key that leads nowhere, as they had in the source.', zh: '{orphans} 行的外键没有对应记录，与来源一致。' },
  unchecked: {
    en: 'Not checked, for they need functions, collations or modules of their application: {names}. All bytes are those of the backup.',
    zh: '未检查（需要其应用的函数、排序规则或模块）：{names}。全部字节与备份一致。',
  },
} as const satisfies Record<string, Text>;

function planOf({ address, state, path }: Target, { finished, previous, bytes }: { finished: string; previous: string | undefined; bytes: number }): Text[] {
  return [
    fillText(steps.write, { bytes, finished }),
    steps.check,
    ...(previous === undefined ? [] : [fillText(steps.keep, { path, previous })]),
    fillText(state === 'empty' ? steps.replaceEmpty : steps.name, { address }),
  ];
}

/** The time between this and the exchange of names is too short for a program to start using the target unnoticed, but not zero. */
async function refuseChanged(target: Target): Promise<void> {
  const now = await inspectTarget(target.address);
  if (now.path !== target.path || now.state !== target.state) {
    throw sqliteErrors.RESTORE_TARGET_IN_USE({ target: target.address, reason: `it was ${target.state} when the restore began and is ${now.state} now` });
  }
  await refuseTargetInUse(target);
}

async function refuseFullDisk({ path, address }: Target, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path));
  const free = bavail * bsize;
  if (free < needed) throw sqliteErrors.RESTORE_SPACE_MISSING({ target: address, needed, free });
}

/** Keeps others out of an unfinished file; returns the permissions that a new file gets here. */
async function hide(file: FileHandle): Promise<number> {
  const { mode } = await file.stat();
  await file.chmod(0o600);
  return mode & 0o777;
}

/** The previous file's permissions and owner; a new file's permissions where there was none. */
async function show(file: FileHandle, { mode, earlier }: { mode: number; earlier: Stats | undefined }): Promise<void> {
  if (earlier !== undefined && process.getuid?.() === 0) await file.chown(earlier.uid, earlier.gid);
  await file.chmod(earlier === undefined ? mode : earlier.mode & 0o7777);
  await file.sync();
}

interface WritePagesOptions {
  readonly target: Target;
  readonly pages: Stream;
  readonly source: AsyncIterable<Buffer>;
  readonly signal: AbortSignal;
  readonly advance: (bytes: number) => void;
}

async function writePages(file: FileHandle, { target, pages, source, signal, advance }: WritePagesOptions): Promise<void> {
  const written = await writeAll(file, source, { signal, advance }).catch(async (error: unknown) => {
    if (codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT') {
      const { bavail, bsize } = await statfs(dirname(target.path));
      throw sqliteErrors.RESTORE_SPACE_MISSING({ target: target.address, needed: pages.bytes, free: bavail * bsize }, { cause: error });
    }
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : failed(target.address, 'write', error);
  });
  if (written !== pages.bytes) {
    throw sourceErrors.RESTORE_CONTENT_DIFFERS({ target: target.address, difference: `${written} bytes instead of ${pages.bytes}` });
  }
  await file.sync();
}

/** The parts are equal by hash, so a finding means that the source was damaged when it was read. */
function refuseDifferences(check: CheckResult, { details, target }: { details: SqliteDetails; target: Target }): void {
  const difference =
    check.findings.length > 0
      ? `the database was damaged already when it was backed up: ${check.findings.slice(0, 3).join('; ')}; \`holdfast export\` still gives the file`
      : check.schemaFingerprint === details.schemaFingerprint
        ? undefined
        : 'its definitions are not the ones that were read';
  if (difference !== undefined) throw sourceErrors.RESTORE_CONTENT_DIFFERS({ target: target.address, difference });
}

function warningsOf({ orphans, unchecked }: CheckResult): Text[] {
  const warnings: Text[] = [];
  if (orphans > 0) warnings.push(fillText(findings.orphans, { orphans }));
  if (unchecked.length > 0) {
    warnings.push(fillText(findings.unchecked, { names: unchecked.join(', ') }));
  }
  return warnings;
}
