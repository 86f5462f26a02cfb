import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { type Service, startDaemon } from './service.ts';

/**
 * Starts the S3 server of s3-server.ts as a process of its own, so that a test that blocks its process (spawnSync)
 * still gets answers. `folder` does not exist yet.
 */
export async function startS3(folder: string): Promise<Service> {
  await mkdir(folder, { recursive: true });
  const ready = join(folder, 'ready.json');
  const daemon = await startDaemon({
    program: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 's3-daemon.ts'), folder],
    folder, log: join(folder, 'log'), stopSignal: 'SIGTERM',
    isReady: async () => stat(ready).then(() => true, () => false),
  });
  const server = JSON.parse(await readFile(ready, 'utf8')) as Record<string, string>;
  return {
    ...daemon,
    environment: {
      TEST_S3_ENDPOINT: server['endpoint'] ?? '',
      TEST_S3_PLAIN_ENDPOINT: server['plainEndpoint'] ?? '',
      TEST_S3_BUCKET: server['bucket'] ?? '',
      TEST_S3_REGION: server['region'] ?? '',
      TEST_S3_ACCESS_KEY_ID: server['accessKeyId'] ?? '',
      TEST_S3_SECRET_ACCESS_KEY: server['secretAccessKey'] ?? '',
    },
  };
}
