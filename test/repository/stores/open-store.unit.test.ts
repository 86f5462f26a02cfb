import { describe, expect, it } from '@jest/globals';
import { HoldfastError } from '../../../src/operations/errors.ts';
import { openStore, type OpenStoreOptions } from '../../../src/repository/stores/open-store.ts';

describe('openStore', () => {
  it.each([
    ['file:///backups', 'file:///backups'],
    ['file:///backups/', 'file:///backups'],
    ['file://localhost/backups', 'file:///backups'],
    ['file:///with%20space/ä', 'file:///with%20space/%C3%A4'],
    ['file:///volumes/@daily', 'file:///volumes/@daily'],
    ['s3://bucket', 's3://bucket'],
    ['s3://bucket/', 's3://bucket'],
    ['s3://my.bucket-1/some/prefix_1/', 's3://my.bucket-1/some/prefix_1'],
  ])('opens %s', async (address, url) => {
    const store = await openStore(address, { s3: { region: 'eu-central-1' } });
    expect(store.url).toBe(url);
    await store.close();
  });

  it.each([
    ['/backups', 'write file:///backups'],
    ['backups', 'not a URL'],
    ['', 'not a URL'],
    ['file://backups/daily', 'write file:///backups/daily'],
    ['file:///', 'whole file system'],
    ['file:///a%2fb', 'encoded slash'],
    ['ftp://host/path', 'ftp:'],
    ['s3://Bucket_Name/x', 'bucket name'],
    ['s3:///prefix', 'bucket name'],
    ['s3://bucket:9000/x', 'port'],
    ['s3://bucket/a//b', 'prefix'],
    ['s3://bucket/.hidden', 'prefix'],
    ['s3://bucket/a b', 'prefix'],
    ['s3://bucket/x?endpoint=y', 'query'],
    ['s3://bucket/x#y', 'fragment'],
  ])('refuses %j and says why', async (address, reason) => {
    expect(await failureOf(address)).toMatchObject({ code: 'STORE_ADDRESS_INVALID', category: 'usage', message: expect.stringContaining(reason) });
  });

  it.each(['s3://AKIAKEY:sEcrEt@bucket/x', 's3://AKIAKEY:s/Ec/rEt@bucket/x', 's3://sEcrEt@bucket', 'file://me:sEcrEt@host/x', 's3://a:b/sEcrEt@c:d/sEcrEt@bucket', 's3://bucket/x?secret=sEcrEt', '//AKIAKEY:sEcrEt@bucket', 'AKIAKEY:sEcrEt@bucket'])(
    'refuses %j without showing its secret',
    async (address) => {
      const failure = await failureOf(address);
      expect(failure.code).toBe('STORE_ADDRESS_INVALID');
      const shown = JSON.stringify([failure.message, failure.hint, failure.describe('zh'), failure.values, failure.stack]).replaceAll('/', '');
      expect(shown).not.toMatch(/sEcrEt/);
    },
  );

  it('refuses an S3 endpoint that is no web address, and a certificate file that is not there', async () => {
    expect((await failureOf('s3://bucket', { s3: { endpoint: 'localhost:9000' } })).message).toMatch(/endpoint/);
    expect((await failureOf('s3://bucket', { s3: { caFile: '/no/such/file.pem' } })).message).toMatch(/\/no\/such\/file\.pem cannot be read \(ENOENT\)/);
  });
});

async function failureOf(address: string, options?: OpenStoreOptions): Promise<HoldfastError> {
  try {
    await openStore(address, options);
  } catch (error) {
    if (error instanceof HoldfastError) return error;
    throw error;
  }
  throw new Error(`${address} was opened`);
}
