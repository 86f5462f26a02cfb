import { HoldfastError } from '../src/operations/errors.ts';
import { listBackups, type SoundBackup } from '../src/repository/backups/backups.ts';
import { readKeys } from '../src/repository/keys.ts';
import { initRepository, openRepository, type Repository } from '../src/repository/repository.ts';
import { requireSound, resolveBackup } from '../src/repository/backups/resolve-backup.ts';
import { openStore } from '../src/repository/stores/open-store.ts';
import type { Store } from '../src/repository/stores/store.ts';
import { addressErrors } from './addresses.ts';
import type { CommandContext } from './commands/command.ts';
import { type SettingName, type Setting, settings } from './configuration.ts';

/** The value of a setting that a command cannot do without. Throws SETTING_MISSING. */
export function requireSetting(context: CommandContext, variable: 'HOLDFAST_REPOSITORY' | 'HOLDFAST_SOURCE'): string {
  const value = context.configuration[variable];
  if (value === undefined) throw settingMissing(variable);
  return value;
}

export function settingMissing(variable: SettingName): Error {
  const setting: Setting = settings[variable];
  return addressErrors.SETTING_MISSING({ option: setting.flags.split(' ')[0] ?? '', variable });
}

/** Opens the configured repository. Throws what opening throws, each with what to do. */
export async function openRepositoryOf(context: CommandContext): Promise<Repository> {
  return openRepository(await openConfiguredStore(context), { keys: configuredKeys(context), signal: context.signal });
}

/** Makes a new repository at the configured place, encrypted to the configured keys unless told otherwise. */
export async function createRepository(context: CommandContext, encrypted: boolean): Promise<Repository> {
  const encryption = encrypted ? ({ kind: 'age', keys: configuredKeys(context) } as const) : ({ kind: 'none' } as const);
  return initRepository(await openConfiguredStore(context), { encryption, now: new Date(), signal: context.signal });
}

/** The repository of the configured place; a new one where there is none. Of two runs that find none, the slower opens the other's. */
export async function openOrCreateRepository(context: CommandContext, encrypted: boolean): Promise<{ readonly repository: Repository; readonly created: boolean }> {
  try {
    return { repository: await openRepositoryOf(context), created: false };
  } catch (error) {
    // A folder that is missing is made; a bucket is not, and then this fails again.
    if (!hasCode(error, 'REPOSITORY_NOT_FOUND') && !hasCode(error, 'STORE_NOT_FOUND')) throw error;
  }
  try {
    return { repository: await createRepository(context, encrypted), created: true };
  } catch (error) {
    if (!hasCode(error, 'REPOSITORY_EXISTS')) throw error;
    return { repository: await openRepositoryOf(context), created: false };
  }
}

/**
 * The sound backup that a person named; of those that had finished by a moment, where one is given. Throws BACKUP_NOT_FOUND,
 * BACKUP_AMBIGUOUS, BACKUP_DAMAGED.
 */
export async function findBackup(context: CommandContext, repository: Repository, text: string, finishedBy?: Date): Promise<SoundBackup> {
  const entries = await listBackups(repository, { source: context.configuration.HOLDFAST_SOURCE_NAME, signal: context.signal });
  const eligible = finishedBy === undefined ? entries : entries.filter((entry) => entry.state === 'damaged' || new Date(entry.head.finishedAt) <= finishedBy);
  return requireSound(resolveBackup(eligible, text, { store: repository.store.url }));
}

/** Whether this configuration can read what backups contain. */
export function canReadContents({ encryption }: Repository): boolean {
  return encryption.kind === 'none' || encryption.keys.identities.length > 0;
}

async function openConfiguredStore(context: CommandContext): Promise<Store> {
  const { configuration } = context;
  return openStore(requireSetting(context, 'HOLDFAST_REPOSITORY'), {
    s3: {
      endpoint: configuration.HOLDFAST_S3_ENDPOINT,
      region: configuration.HOLDFAST_S3_REGION,
      pathStyle: configuration.HOLDFAST_S3_PATH_STYLE,
      caFile: configuration.HOLDFAST_S3_CA_FILE,
    },
  });
}

function configuredKeys({ configuration }: CommandContext): ReturnType<typeof readKeys> {
  const { HOLDFAST_REPOSITORY_KEY: repositoryKey, HOLDFAST_RECIPIENTS: recipients, HOLDFAST_IDENTITY: identities } = configuration;
  return readKeys({
    ...(repositoryKey !== undefined && { repositoryKey }),
    ...(recipients !== undefined && { recipients }),
    ...(identities !== undefined && { identities }),
  });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof HoldfastError && error.code === code;
}
