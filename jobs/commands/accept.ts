import { z } from 'zod';
import { renderText } from '../../src/operations/text.ts';
import { acceptBackup, withdrawAcceptance } from '../../src/repository/anomalies/acceptance.ts';
import { findBackup, openRepositoryOf } from '../repository-access.ts';
import { backupArgument, defineCommand, dryRunOption, repositorySettings } from './command.ts';

export const acceptCommand = defineCommand({
  name: 'accept',
  summary: { en: 'say that a suspicious backup is right: later ones are compared with it', zh: '确认可疑备份正确：之后的备份与它比较' },
  arguments: [backupArgument],
  options: [
    { flags: '--reason <text>', description: { en: 'why, for those who come later', zh: '原因，供后来者了解' } },
    { flags: '--withdraw', description: { en: 'take an acceptance back', zh: '撤回确认' } },
    dryRunOption,
  ],
  settings: [...repositorySettings, 'HOLDFAST_SOURCE_NAME'],
  input: z.strictObject({ backup: z.string(), reason: z.string().max(500).default(''), withdraw: z.boolean().default(false), dryRun: z.boolean().default(false) }),
  async run(context, { backup, reason, withdraw, dryRun }) {
    const repository = await openRepositoryOf(context);
    const { head } = await findBackup(context, repository, backup);
    if (!dryRun && withdraw) await withdrawAcceptance(repository, head, { signal: context.signal });
    if (!dryRun && !withdraw) await acceptBackup(repository, head, { reason, now: new Date(), signal: context.signal });
    const done = withdraw
      ? { en: '{id} is not accepted any more.', zh: '{id} 不再被确认。' }
      : { en: '{id} is accepted: it counts like any other, and later backups are compared with it.', zh: '{id} 已确认：它与其他备份同等计入，之后的备份与它比较。' };
    const planned = withdraw ? { en: '{id} would not be accepted any more.', zh: '将撤回对 {id} 的确认。' } : { en: '{id} would be accepted.', zh: '将确认 {id}。' };
    return {
      result: { id: head.id, source: head.source, accepted: !withdraw, reason, dryRun },
      text: renderText(dryRun ? planned : done, context.language, { id: head.id }),
    };
  },
});
