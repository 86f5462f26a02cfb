import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { PassThrough, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { z } from 'zod';
import { codeOf, defineErrorFamily } from '../../src/operations/errors.ts';
import { renderText } from '../../src/operations/text.ts';
import { openParts } from '../../src/repository/parts/open-parts.ts';
import { readManifestBody } from '../../src/repository/manifest/manifest-body.ts';
import { findBackup, openRepositoryOf } from '../repository-access.ts';
import { backupArgument, defineCommand, repositorySettings } from './command.ts';

export const exportErrors = defineErrorFamily({
  EXPORT_FILE_EXISTS: {
    category: 'safety',
    status: 409,
    retryable: false,
    message: { en: 'The file {path} exists already', zh: '文件 {path} 已存在' },
    hint: { en: 'Nothing was overwritten. Choose another --output.', zh: '未覆盖任何文件。请选择其他 --output。' },
  },
  EXPORT_UNWRITABLE: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'The export to {path} failed: {reason}', zh: '导出到 {path} 失败：{reason}' },
    hint: { en: 'Check the folder, its permissions and the free space. What was written was removed.', zh: '请检查目录、权限与剩余空间。已写入的内容已删除。' },
  },
  EXPORT_TO_TERMINAL: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'An export is not for a terminal', zh: '导出内容不能输出到终端' },
    hint: { en: 'Give --output <path>, or pipe it: holdfast export latest | gunzip | psql …', zh: '请给出 --output <路径>，或用管道：holdfast export latest | gunzip | psql …' },
  },
});

export const exportCommand = defineCommand({
  name: 'export',
  summary: { en: 'write a backup as a plain .sql.gz or .sqlite file', zh: '将备份导出为普通 .sql.gz 或 .sqlite 文件' },
  arguments: [backupArgument],
  options: [
    { flags: '-o, --output <path>', description: { en: 'the file (default: standard output)', zh: '目标文件（默认：标准输出）' } },
    { flags: '--no-compress', description: { en: 'PostgreSQL: plain SQL without gzip', zh: 'PostgreSQL：不经 gzip 的纯 SQL' } },
  ],
  settings: [...repositorySettings, 'HOLDFAST_SOURCE_NAME', 'HOLDFAST_POSTGRES_BIN'],
  input: z.strictObject({ backup: z.string(), output: z.string().optional(), compress: z.boolean() }),
  async run(context, { backup, output, compress }) {
    if (output === undefined && 'isTTY' in context.stdout && context.stdout.isTTY === true) throw exportErrors.EXPORT_TO_TERMINAL({});
    const repository = await openRepositoryOf(context);
    const { head } = await findBackup(context, repository, backup);
    const body = await readManifestBody(repository, head, { signal: context.signal });
    const engine = context.engines[head.engine];
    const write: WriteExport = (target, signal) => engine.export({ ...context, signal }, { body, parts: openParts(repository, { signal }), output: target });
    const gzip = compress && head.engine === 'postgres';
    if (output === undefined) await pipeExport(write, context.stdout, { gzip, signal: context.signal, path: 'standard output', endOutput: false });
    else await exportToFile(write, output, { gzip, signal: context.signal });
    return {
      result: { id: head.id, source: head.source, engine: head.engine, output: output ?? null, gzip },
      text: renderText({ en: 'Exported {id} of {source}.', zh: '已导出 {source} 的 {id}。' }, context.language, { id: head.id, source: head.source }),
      ...(output === undefined && { stdoutIsData: true as const }),
    };
  },
});

type WriteExport = (target: Writable, signal: AbortSignal) => Promise<void>;

interface PipeOptions {
  readonly gzip: boolean;
  readonly signal: AbortSignal;
}

/** Writes beside the file and renames at the end: a half export never has the file's name. */
async function exportToFile(write: WriteExport, path: string, options: PipeOptions): Promise<void> {
  if (existsSync(path)) throw exportErrors.EXPORT_FILE_EXISTS({ path });
  const partial = `${path}.partial`;
  try {
    await pipeExport(write, createWriteStream(partial, { mode: 0o600, flush: true }), { ...options, path, endOutput: true });
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** The engine writes into one end while the other is compressed and written; done when both are. Either's failure ends both. */
async function pipeExport(
  write: WriteExport,
  output: Writable,
  { gzip, signal, path, endOutput }: PipeOptions & { readonly path: string; readonly endOutput: boolean },
): Promise<void> {
  const input = new PassThrough({ highWaterMark: 1 << 20 });
  const stages = gzip ? [createGzip({ level: 6 })] : [];
  const brokenPipe = new AbortController();
  const piping = pipeline([input, ...stages, output], { signal, end: endOutput }).catch((error: unknown) => {
    brokenPipe.abort(error);
    throw error;
  });
  const writing = write(input, AbortSignal.any([signal, brokenPipe.signal])).then(
    () => input.end(),
    (error: Error) => {
      input.destroy(error);
      throw error;
    },
  );
  const [written, piped] = await Promise.allSettled([writing, piping]);
  signal.throwIfAborted();
  const broken: unknown = brokenPipe.signal.reason;
  const code = codeOf(broken);
  if (code !== undefined && /^E[A-Z]+$/.test(code)) throw exportErrors.EXPORT_UNWRITABLE({ path, reason: code }, { cause: broken });
  if (written.status === 'rejected') throw written.reason;
  if (piped.status === 'rejected') throw piped.reason;
}
