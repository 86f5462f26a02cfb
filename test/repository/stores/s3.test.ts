import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import type { Store } from '../../../src/repository/stores/store.ts';
import { createS3Store } from '../../../src/repository/stores/s3.ts';
import type { S3StoreOptions } from '../../../src/repository/stores/s3-options.ts';
import { type S3Server, startS3Server } from '../../services/s3-server.ts';
import { storeSuite } from './store-suite.ts';

let server: S3Server;
beforeAll(async () => {
  server = await startS3Server();
  server.behaviour.pageSize = 100;
});
afterAll(async () => {
  await server.stop();
});

const settings: Record<string, () => Pick<S3StoreOptions, 'endpoint' | 'conditionalPut'>> = {
  'An S3 bucket': () => ({ endpoint: server.endpoint }),
  'A bucket of a server without conditional puts': () => ({ endpoint: server.plainEndpoint, conditionalPut: false }),
};

for (const [name, setting] of Object.entries(settings)) {
  const open = (prefix: string): Store => createS3Store({ ...setting(), bucket: server.bucket, prefix, credentials: server });
  storeSuite(name, {
    openEmpty: async () => open(randomUUID()),
    reopen: async (store) => open(new URL(store.url).pathname.slice(1)),
    holdsConditions: name === 'An S3 bucket',
    // Both list by the same fauxqs: its pages are turned in one of the two.
    manyObjects: name === 'An S3 bucket' ? 1020 : 20,
  });
}
