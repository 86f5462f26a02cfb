import type { BackupRepositorySpec } from '../../kubernetes/resources/backup-repository.ts';
import type { BackupOptions } from '../../kubernetes/resources/backup-schedule.ts';
import type { SourceField } from '../../kubernetes/resources/fields.ts';
import { type Mounted, mountAll, mountClaim, mountConfigMap, mountSecret, mountSecrets, variables } from './mounts.ts';

const nothing: Mounted = { env: [], volumes: [], mounts: [] };

/** What a run does with backups' contents: who only writes them must not be able to read old ones. */
export type Access = 'write' | 'read';

/** The store and its keys; the identity only for who reads. */
export function needRepository(spec: BackupRepositorySpec, access: Access): Mounted {
  return mountAll([needStore(spec), needKeys(spec), access === 'read' ? needIdentity(spec) : nothing]);
}

function needStore({ s3, volume }: BackupRepositorySpec): Mounted {
  if (volume) return mountClaim('repository', volume.claimName, { HOLDFAST_REPOSITORY: fileAddress('/repository', volume.path) });
  if (!s3) return nothing; // The API server refuses a repository that has neither.
  const address = variables({
    HOLDFAST_REPOSITORY: `s3://${[s3.bucket, s3.prefix].filter(Boolean).join('/')}`,
    HOLDFAST_S3_ENDPOINT: s3.endpoint,
    HOLDFAST_S3_REGION: s3.region,
    HOLDFAST_S3_PATH_STYLE: s3.pathStyle,
  });
  return mountAll([{ ...nothing, env: address }, needStoreSecrets(s3)]);
}

function needStoreSecrets({ credentialsSecret, caSecret }: NonNullable<BackupRepositorySpec['s3']>): Mounted {
  const secrets = [...(credentialsSecret ? [{ ...credentialsSecret, path: 'credentials' }] : []), ...(caSecret ? [{ ...caSecret, path: 'ca.crt' }] : [])];
  if (secrets.length === 0) return nothing;
  return mountSecrets('s3', secrets, {
    ...(credentialsSecret && { AWS_SHARED_CREDENTIALS_FILE: '/secrets/s3/credentials' }),
    ...(caSecret && { HOLDFAST_S3_CA_FILE: '/secrets/s3/ca.crt' }),
  });
}

function needKeys({ keysSecret }: BackupRepositorySpec): Mounted {
  if (!keysSecret) return nothing;
  const items = ['repository.key', 'recipients.txt'].map((key) => ({ key, path: key }));
  return mountSecret('keys', keysSecret.name, items, { HOLDFAST_REPOSITORY_KEY_FILE: '/secrets/keys/repository.key', HOLDFAST_RECIPIENTS_FILE: '/secrets/keys/recipients.txt' });
}

function needIdentity({ identitySecret }: BackupRepositorySpec): Mounted {
  if (!identitySecret) return nothing;
  return mountSecret('identity', identitySecret.name, [{ key: identitySecret.key, path: 'identity.txt' }], { HOLDFAST_IDENTITY_FILE: '/secrets/identity/identity.txt' });
}

/** The database that is backed up (`source`), or restored into (`target`). */
export function needDatabase(as: 'source' | 'target', { postgres, sqlite }: SourceField): Mounted {
  const variable = as === 'source' ? 'HOLDFAST_SOURCE' : 'HOLDFAST_TARGET';
  if (sqlite) return mountClaim(as, sqlite.claimName, { [variable]: `sqlite://${encodePath(`/${as}/${sqlite.path}`)}` });
  if (!postgres) return nothing; // The API server refuses a database that is neither.
  const { name, key } = postgres.addressSecret;
  return mountSecret(as, name, [{ key, path: 'address' }], { [`${variable}_FILE`]: `/secrets/${as}/address` });
}

/** What its backups are filed under. */
export function needSourceName(name: string): Mounted {
  return { ...nothing, env: variables({ HOLDFAST_SOURCE_NAME: name }) };
}

export function needBackupOptions({ compressionLevel, connections }: BackupOptions): Mounted {
  return { ...nothing, env: variables({ HOLDFAST_COMPRESSION_LEVEL: compressionLevel, HOLDFAST_CONNECTIONS: connections }) };
}

/** Where `needAssertions` puts them. */
export const assertionsPath = '/assertions/assertions.sql';

export function needAssertions(configMap: { readonly name: string; readonly key: string }): Mounted {
  return mountConfigMap('assertions', configMap.name, [{ key: configMap.key, path: 'assertions.sql' }]);
}

function fileAddress(mountPath: string, path: string | undefined): string {
  return `file://${encodePath(path === undefined ? mountPath : `${mountPath}/${path}`)}`;
}

/** Addresses are read as URLs: what ends a path there, or begins an escape, is escaped. */
function encodePath(path: string): string {
  return path.replace(/[%?#]/g, encodeURIComponent);
}
