import { z } from 'zod';
import { renderText } from '../../src/operations/text.ts';
import { listTrash, recallBackup } from '../../src/repository/backups/forget.ts';
import { resolveBackup } from '../../src/repository/backups/resolve-backup.ts';
import { openRepositoryOf } from '../repository-access.ts';
import { backupArgument, defineCommand, dryRunOption, repositorySettings } from './command.ts';

export const recallCommand = defineCommand({
  name: 'recall',
  summary: { en: 'bring a forgotten backup back', zh: '召回已遗忘的备份' },
  arguments: [backupArgument],
  options: [dryRunOption],
  settings: [...repositorySettings, 'HOLDFAST_SOURCE_NAME'],
  input: z.strictObject({ backup: z.string(), dryRun: z.boolean().default(false) }),
  async run(context, { backup, dryRun }) {
    const repository = await openRepositoryOf(context);
    const forgotten = await listTrash(repository, { source: context.configuration.HOLDFAST_SOURCE_NAME, signal: context.signal });
    const { id, source } = resolveBackup(forgotten.map((entry) => ({ ...entry, held: false })), backup, { store: repository.store.url });
    if (!dryRun) await recallBackup(repository, { id, source }, { signal: context.signal });
    return {
      result: { id, source, dryRun },
      text: renderText(dryRun ? { en: '{id} of {source} would be brought back.', zh: '将召回 {source} 的 {id}。' } : { en: '{id} of {source} is back.', zh: '{source} 的 {id} 已召回。' }, context.language, { id, source }),
    };
  },
});
