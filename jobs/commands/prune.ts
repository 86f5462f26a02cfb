import { z } from 'zod';
import { formatBytes } from '../../src/operations/format.ts';
import { renderText } from '../../src/operations/text.ts';
import { pruneRepository } from '../../src/repository/prune/prune.ts';
import { openRepositoryOf } from '../repository-access.ts';
import { defineCommand, dryRunOption, repositorySettings } from './command.ts';

export const pruneCommand = defineCommand({
  name: 'prune',
  summary: { en: 'free what no backup needs any more (7 days after it was forgotten)', zh: '释放不再被任何备份需要的空间（遗忘 7 天后）' },
  arguments: [],
  options: [
    { flags: '--give-up <backup...>', description: { en: 'treat these damaged backups as gone: what only they list is freed', zh: '将这些损坏的备份视为已丢失：释放仅被它们引用的内容' } },
    { flags: '--yes', description: { en: 'confirm that most parts go although no backup lists them', zh: '确认删除大部分未被任何备份引用的部件' } },
    dryRunOption,
  ],
  settings: repositorySettings,
  input: z.strictObject({ giveUp: z.array(z.string()).default([]), yes: z.boolean().default(false), dryRun: z.boolean().default(false) }),
  async run(context, { giveUp, yes, dryRun }) {
    const repository = await openRepositoryOf(context);
    const pruned = await pruneRepository(repository, { dryRun, giveUp, confirmed: yes, signal: context.signal, log: context.log });
    return {
      result: { dryRun, ...pruned },
      text: renderText(
        dryRun
          ? { en: 'Would free {bytes}: {parts} parts, {backups} forgotten backups.', zh: '将释放 {bytes}：{parts} 个数据块、{backups} 个已遗忘备份。' }
          : { en: 'Freed {bytes}: {parts} parts, {backups} forgotten backups.', zh: '已释放 {bytes}：{parts} 个数据块、{backups} 个已遗忘备份。' },
        context.language,
        { bytes: formatBytes(pruned.bytes), parts: pruned.parts, backups: pruned.backups },
      ),
    };
  },
});
