import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { codeOf, defineErrorFamily } from '../../src/operations/errors.ts';
import { renderText } from '../../src/operations/text.ts';
import { generateKeys } from '../../src/repository/keys.ts';
import { defineCommand } from './command.ts';

export const keygenErrors = defineErrorFamily({
  KEY_FILE_EXISTS: {
    category: 'safety',
    status: 409,
    retryable: false,
    message: { en: 'The key file {path} exists already', zh: '密钥文件 {path} 已存在' },
    hint: { en: 'Nothing was overwritten: without its keys a repository cannot be read. Choose another --directory.', zh: '未覆盖任何文件：失去密钥将无法读取仓库。请选择其他 --directory。' },
  },
  KEY_FILE_UNWRITABLE: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'The key file {path} cannot be written: {reason}', zh: '无法写入密钥文件 {path}：{reason}' },
    hint: { en: 'Choose a --directory that you may write to.', zh: '请选择可写的 --directory。' },
  },
});

export const keygenCommand = defineCommand({
  name: 'keygen',
  summary: { en: 'make the keys of an encrypted repository', zh: '生成加密仓库的密钥' },
  arguments: [],
  options: [{ flags: '--directory <path>', description: { en: 'where the three files are put (default: this folder)', zh: '三个文件的存放目录（默认：当前目录）' } }],
  settings: [],
  input: z.strictObject({ directory: z.string().default('.') }),
  async run({ language }, input) {
    const directory = resolve(input.directory);
    const keys = generateKeys(new Date());
    const files = [
      { name: 'repository.key', content: keys.repositoryKey, mode: 0o600 },
      { name: 'identity.txt', content: keys.identity, mode: 0o600 },
      { name: 'recipients.txt', content: keys.recipient, mode: 0o644 },
    ];
    const present = files.map((file) => join(directory, file.name)).find((path) => existsSync(path));
    if (present !== undefined) throw keygenErrors.KEY_FILE_EXISTS({ path: present });
    for (const file of files) writeNew(join(directory, file.name), file);
    return {
      result: { directory, files: files.map((file) => file.name), recipient: keys.recipient.trim() },
      text: renderText(
        {
          en: `Made three files in {directory}:
  repository.key  names and seals backups: every job needs it (HOLDFAST_REPOSITORY_KEY_FILE)
  recipients.txt  what backups are encrypted to; no secret (HOLDFAST_RECIPIENTS_FILE)
  identity.txt    decrypts them: only restores need it (HOLDFAST_IDENTITY_FILE). Keep a copy away from this machine:
                  without it no backup can be read.`,
          zh: `已在 {directory} 中生成三个文件：
  repository.key  为备份命名并签封：每个任务都需要（HOLDFAST_REPOSITORY_KEY_FILE）
  recipients.txt  备份加密的接收者，非机密（HOLDFAST_RECIPIENTS_FILE）
  identity.txt    用于解密：仅恢复时需要（HOLDFAST_IDENTITY_FILE）。请在别处另存一份：
                  失去它将无法读取任何备份。`,
        },
        language,
        { directory },
      ),
    };
  },
});

function writeNew(path: string, { content, mode }: { readonly content: string; readonly mode: number }): void {
  try {
    mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
    writeFileSync(path, content, { mode, flag: 'wx' });
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw keygenErrors.KEY_FILE_EXISTS({ path });
    throw keygenErrors.KEY_FILE_UNWRITABLE({ path, reason: codeOf(error) ?? 'unknown' }, { cause: error });
  }
}
