import { z } from 'zod';
import { renderText } from '../../src/operations/text.ts';
import { holdBackup, releaseBackup } from '../../src/repository/backups/hold.ts';
import { findBackup, openRepositoryOf } from '../repository-access.ts';
import { backupArgument, defineCommand, dryRunOption, repositorySettings } from './command.ts';

export const holdCommand = defineCommand({
  name: 'hold',
  summary: { en: 'keep a backup whatever the policy says', zh: '无论策略如何都保留某备份' },
  arguments: [backupArgument],
  options: [{ flags: '--reason <text>', description: { en: 'why, for those who come later', zh: '原因，供后来者了解' } }, dryRunOption],
  settings: [...repositorySettings, 'HOLDFAST_SOURCE_NAME'],
  input: z.strictObject({ backup: z.string(), reason: z.string().max(500).default(''), dryRun: z.boolean().default(false) }),
  async run(context, { backup, reason, dryRun }) {
    const repository = await openRepositoryOf(context);
    const { head } = await findBackup(context, repository, backup);
    if (!dryRun) await holdBackup(repository, head, { reason, now: new Date(), signal: context.signal });
    return {
      result: { id: head.id, source: head.source, held: true, reason, dryRun },
      text: renderText(dryRun ? { en: '{id} would be held.', zh: '将保留 {id}。' } : { en: '{id} is held: no policy forgets it until `holdfast release {id}`.', zh: '{id} 已保留：执行 `holdfast release {id}` 之前任何策略都不会遗忘它。' }, context.language, { id: head.id }),
    };
  },
});

export const releaseCommand = defineCommand({
  name: 'release',
  summary: { en: 'end the hold on a backup', zh: '解除备份的保留' },
  arguments: [backupArgument],
  options: [dryRunOption],
  settings: [...repositorySettings, 'HOLDFAST_SOURCE_NAME'],
  input: z.strictObject({ backup: z.string(), dryRun: z.boolean().default(false) }),
  async run(context, { backup, dryRun }) {
    const repository = await openRepositoryOf(context);
    const { head } = await findBackup(context, repository, backup);
    if (!dryRun) await releaseBackup(repository, head, { signal: context.signal });
    return {
      result: { id: head.id, source: head.source, held: false, dryRun },
      text: renderText(dryRun ? { en: '{id} would be released.', zh: '将解除对 {id} 的保留。' } : { en: '{id} is released: retention decides about it again.', zh: '{id} 已解除保留：由保留策略决定其去留。' }, context.language, { id: head.id }),
    };
  },
});
