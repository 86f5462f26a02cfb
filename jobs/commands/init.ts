import { z } from 'zod';
import { renderText } from '../../src/operations/text.ts';
import { createRepository, openOrCreateRepository, openRepositoryOf } from '../repository-access.ts';
import type { Repository } from '../../src/repository/repository.ts';
import { type CommandContext, defineCommand, repositorySettings } from './command.ts';

export const initCommand = defineCommand({
  name: 'init',
  summary: { en: 'make a new repository', zh: '创建新仓库' },
  arguments: [],
  options: [
    { flags: '--no-encryption', description: { en: 'store backups as they are: who reads the store reads the databases', zh: '不加密存储：能读取存储者即能读取数据库' } },
    { flags: '--if-missing', description: { en: 'a repository that is there and that the keys fit is fine', zh: '仓库已存在且密钥匹配时视为成功' } },
    { flags: '--check', description: { en: 'make none: only see that it is there and that the keys fit', zh: '不创建：仅确认仓库存在且密钥匹配' } },
  ],
  settings: [...repositorySettings, 'HOLDFAST_RECIPIENTS'],
  input: z
    .strictObject({ encryption: z.boolean(), ifMissing: z.boolean().default(false), check: z.boolean().default(false) })
    .refine(({ ifMissing, check }) => !(ifMissing && check), { path: ['check'], message: 'use it without --if-missing' }),
  async run(context, input) {
    const { repository, created } = await makeOrOpen(context, input);
    const { id, conditionalPut } = repository;
    const address = repository.store.url;
    const encrypted = repository.encryption.kind !== 'none';
    if (!created) {
      const text = renderText({ en: 'Repository {id} is at {address} already, and the keys fit.', zh: '仓库 {id} 已位于 {address}，密钥匹配。' }, context.language, { id, address });
      return { result: { repository: address, id, encrypted, conditionalPut, created }, text };
    }
    const text = renderText(
      encrypted
        ? { en: 'Repository {id} is ready at {address}; what it holds is encrypted.', zh: '仓库 {id} 已就绪，位于 {address}；内容均加密。' }
        : { en: 'Repository {id} is ready at {address}; what it holds is NOT encrypted.', zh: '仓库 {id} 已就绪，位于 {address}；内容未加密。' },
      context.language,
      { id, address },
    );
    const note = renderText(
      {
        en: 'The store does not hold conditional writes: two backups of one name are told apart by their random ids only.',
        zh: '该存储不支持条件写入：仅靠随机编号区分同名备份。',
      },
      context.language,
    );
    return { result: { repository: address, id, encrypted, conditionalPut, created }, text: conditionalPut ? text : `${text}\n${note}` };
  },
});

async function makeOrOpen(context: CommandContext, { encryption, ifMissing, check }: { readonly encryption: boolean; readonly ifMissing: boolean; readonly check: boolean }): Promise<{ readonly repository: Repository; readonly created: boolean }> {
  if (check) return { repository: await openRepositoryOf(context), created: false };
  if (ifMissing) return openOrCreateRepository(context, encryption);
  return { repository: await createRepository(context, encryption), created: true };
}
