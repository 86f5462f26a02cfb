import { z } from 'zod';
import { renderText } from '../../src/operations/text.ts';
import { createRepository } from '../repository-access.ts';
import { defineCommand, repositorySettings } from './command.ts';

export const initCommand = defineCommand({
  name: 'init',
  summary: { en: 'make a new repository', zh: '创建新仓库' },
  arguments: [],
  options: [{ flags: '--no-encryption', description: { en: 'store backups as they are: who reads the store reads the databases', zh: '不加密存储：能读取存储者即能读取数据库' } }],
  settings: [...repositorySettings, 'HOLDFAST_RECIPIENTS'],
  input: z.strictObject({ encryption: z.boolean() }),
  async run(context, input) {
    const repository = await createRepository(context, input.encryption);
    const { id, conditionalPut } = repository;
    const address = repository.store.url;
    const text = renderText(
      input.encryption
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
    return { result: { repository: address, id, encrypted: input.encryption, conditionalPut }, text: conditionalPut ? text : `${text}\n${note}` };
  },
});
