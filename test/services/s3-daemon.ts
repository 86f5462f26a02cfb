import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startS3Server } from './s3-server.ts';

/** The S3 server as a process of its own: `node s3-daemon.ts <folder>`. `<folder>/ready.json` tells how to reach it. */
const folder = process.argv[2] ?? '.';
const server = await startS3Server({ directory: join(folder, 'objects') });
const { endpoint, plainEndpoint, bucket, region, accessKeyId, secretAccessKey } = server;
await writeFile(join(folder, 'ready.tmp'), JSON.stringify({ endpoint, plainEndpoint, bucket, region, accessKeyId, secretAccessKey }));
await rename(join(folder, 'ready.tmp'), join(folder, 'ready.json'));
process.once('SIGTERM', () => {
  void server.stop().finally(() => process.exit(0));
});
