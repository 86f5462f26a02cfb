import { z } from 'zod';
import { defineErrorFamily, HoldfastError } from '../../src/operations/errors.ts';
import { renderText } from '../../src/operations/text.ts';
import { type DrilledBackup, listDrilledBackups } from '../../src/repository/backups/backups.ts';
import { forgetBackups, listTrash } from '../../src/repository/backups/forget.ts';
import { resolveBackup } from '../../src/repository/backups/resolve-backup.ts';
import type { BackupName } from '../../src/repository/manifest/object-keys.ts';
import type { Repository } from '../../src/repository/repository.ts';
import { openRepositoryOf } from '../repository-access.ts';
import { backupArgument, type CommandContext, defineCommand, dryRunOption, repositorySettings } from './command.ts';

export const forgetErrors = defineErrorFamily({
  LAST_RESTORABLE: {
    category: 'safety',
    status: 409,
    retryable: false,
    message: { en: 'The backup {backup} is the last of {source} that is known to be restorable', zh: '备份 {backup} 是 {source} 最后一个已知可恢复的备份' },
    hint: {
      en: 'Nothing was forgotten. Back up and drill again first; or confirm with --yes (on a Backup resource: the annotation holdfast.dev/allow-delete).',
      zh: '未遗忘任何备份。请先重新备份并演练；或用 --yes 确认（Backup 资源：注解 holdfast.dev/allow-delete）。',
    },
  },
});

export const forgetCommand = defineCommand({
  name: 'forget',
  summary: { en: 'forget one backup (recall brings it back for 7 days)', zh: '遗忘一个备份（7 天内可用 recall 召回）' },
  arguments: [backupArgument],
  options: [{ flags: '--yes', description: { en: 'confirm that the last restorable backup is forgotten', zh: '确认遗忘最后一个可恢复的备份' } }, dryRunOption],
  settings: [...repositorySettings, 'HOLDFAST_SOURCE_NAME'],
  input: z.strictObject({ backup: z.string(), yes: z.boolean().default(false), dryRun: z.boolean().default(false) }),
  async run(context, { backup, yes, dryRun }) {
    const repository = await openRepositoryOf(context);
    const entries = await listDrilledBackups(repository, { source: context.configuration.HOLDFAST_SOURCE_NAME, signal: context.signal });
    const { live, ...name } = await findLiveOrForgotten(context, repository, { entries, backup });
    if (live) {
      if (!yes && lastRestorable(entries, name.source)?.id === name.id) throw forgetErrors.LAST_RESTORABLE({ backup: name.id, source: name.source });
      if (!dryRun) await forgetBackups(repository, [name], { signal: context.signal });
    }
    const done = { en: '{id} is forgotten: `holdfast recall {id}` brings it back for 7 days; `holdfast prune` then frees the space.', zh: '已遗忘 {id}：7 天内可用 `holdfast recall {id}` 召回；之后 `holdfast prune` 释放空间。' };
    const already = { en: '{id} was forgotten already.', zh: '{id} 此前已被遗忘。' };
    const planned = { en: '{id} would be forgotten.', zh: '将遗忘 {id}。' };
    return { result: { ...name, already: !live, dryRun }, text: renderText(live ? (dryRun ? planned : done) : already, context.language, { id: name.id }) };
  },
});

/** Forgetting twice is no error: what a retention run forgot is as it was asked for. Throws BACKUP_NOT_FOUND, BACKUP_AMBIGUOUS. */
async function findLiveOrForgotten(
  { configuration, signal }: CommandContext,
  repository: Repository,
  { entries, backup }: { readonly entries: readonly DrilledBackup[]; readonly backup: string },
): Promise<BackupName & { readonly live: boolean }> {
  const store = repository.store.url;
  try {
    const { source, id } = resolveBackup(entries, backup, { store });
    return { source, id, live: true };
  } catch (error) {
    if (!(error instanceof HoldfastError) || error.code !== 'BACKUP_NOT_FOUND') throw error;
    const forgotten = (await listTrash(repository, { source: configuration.HOLDFAST_SOURCE_NAME, signal })).find(({ id }) => id === backup);
    if (!forgotten) throw error;
    return { source: forgotten.source, id: forgotten.id, live: false };
  }
}

/** The newest proven backup of a source; where none is proven, the newest sound one. */
function lastRestorable(entries: readonly DrilledBackup[], source: string): DrilledBackup | undefined {
  const sound = entries.filter((entry) => entry.source === source && entry.state === 'ok');
  return sound.findLast(({ verdict }) => verdict?.outcome === 'passed') ?? sound.at(-1);
}
