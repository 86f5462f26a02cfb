import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { renderChart } from './chart.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-self-test-'));
});
afterAll(async () => rm(folder, { recursive: true }));

test('helm test runs a pod that backs up a scratch database and proves the backup', async () => {
  const [pod] = (await renderChart()).filter(({ kind, metadata }) => kind === 'Pod' && metadata.annotations?.['helm.sh/hook'] === 'test');
  if (!pod) throw new Error('the chart has no pod for helm test');
  const { command, args } = pod['spec'].containers[0] as { command: string[]; args: string[] };
  // As in the image: `holdfast` is a link to the program. The last argument is the folder.
  await symlink(fileURLToPath(new URL('../../jobs/main.ts', import.meta.url)), join(folder, 'holdfast'));
  const environment = { PATH: `${folder}:${dirname(process.execPath)}:/usr/bin:/bin`, HOME: process.env['HOME'], TMPDIR: folder, LANG: 'C.UTF-8' };
  const { stdout } = await promisify(execFile)(command[0] ?? '', [...command.slice(1), ...args.slice(0, -1), folder], { env: environment });
  expect(stdout).toContain('is proven');
});
