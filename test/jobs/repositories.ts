import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { service } from '../services/database.ts';
import { holdfastJson, temporaryFolder, type Variables } from './holdfast.ts';

export interface TestRepository {
  /** Everything a command needs to work with it, the decrypting identity included. */
  readonly variables: Variables;
  readonly folder: string;
  remove(): void;
}

export interface TestRepositoryOptions {
  readonly store: 'directory' | 's3';
  /** To two recipients when encrypted. */
  readonly encrypted: boolean;
}

/** A new repository, made by the command line itself, in a folder or on the S3 server of the tests. */
export async function createRepository({ store, encrypted }: TestRepositoryOptions): Promise<TestRepository> {
  const { path: folder, remove } = temporaryFolder('repository');
  const place = store === 'directory' ? { HOLDFAST_REPOSITORY: `file://${join(folder, 'repository')}` } : s3Place();
  const keys = encrypted ? await makeKeys(folder) : {};
  const variables = { ...place, ...keys };
  await holdfastJson(['init', ...(encrypted ? [] : ['--no-encryption'])], variables);
  return { variables, folder, remove };
}

function s3Place(): Variables {
  return {
    HOLDFAST_REPOSITORY: `s3://${service('TEST_S3_BUCKET')}/test-${randomBytes(6).toString('hex')}`,
    HOLDFAST_S3_ENDPOINT: service('TEST_S3_ENDPOINT'),
    HOLDFAST_S3_REGION: service('TEST_S3_REGION'),
    HOLDFAST_S3_PATH_STYLE: 'yes',
    AWS_ACCESS_KEY_ID: service('TEST_S3_ACCESS_KEY_ID'),
    AWS_SECRET_ACCESS_KEY: service('TEST_S3_SECRET_ACCESS_KEY'),
  };
}

/** Two people can decrypt; the tests restore as the second. */
async function makeKeys(folder: string): Promise<Variables> {
  await holdfastJson(['keygen', '--directory', join(folder, 'keys')]);
  const second = await holdfastJson<{ recipient: string }>(['keygen', '--directory', join(folder, 'second')]);
  const first = (await readFile(join(folder, 'keys', 'recipients.txt'), 'utf8')).trim();
  return {
    HOLDFAST_REPOSITORY_KEY_FILE: join(folder, 'keys', 'repository.key'),
    HOLDFAST_RECIPIENTS: `${first}\n${second.recipient}`,
    HOLDFAST_IDENTITY_FILE: join(folder, 'second', 'identity.txt'),
  };
}
