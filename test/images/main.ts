import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildStages } from './build.ts';
import { checks } from './checks.ts';
import { makeBase } from './chroot.ts';
import { readDockerfile } from './dockerfile.ts';

/** `npm run test:images`: README.md says what it does and what it needs. */
if (process.getuid?.() !== 0) throw new Error('building in a chroot needs root: run it as root on Debian with the package debootstrap');

const context = new URL('../../', import.meta.url).pathname;
const cache = join(context, '.cache', 'images');
const base = join(cache, 'trixie');
const folder = await mkdtemp(join(tmpdir(), 'holdfast-images-'));
const say = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  if (!existsSync(base)) {
    say('Installing Debian trixie …');
    await mkdir(cache, { recursive: true });
    await makeBase(`${base}.partial`);
    await rename(`${base}.partial`, base);
  }
  const images = await buildStages(readDockerfile(), { folder, base, context, onStep: (stage, text) => say(`[${stage}] ${text.slice(0, 100)}`) });
  let failures = 0;
  for (const { name, image: target, run } of checks) {
    const image = images.get(target);
    if (image === undefined) throw new Error(`the Dockerfile has no stage ${target}`);
    const outcome = await run(image).then((text) => ({ isGood: true, text }), (error: Error) => ({ isGood: false, text: error.message }));
    if (!outcome.isGood) failures += 1;
    say(`${outcome.isGood ? 'ok    ' : 'FAILED'} ${target}: ${name}\n${outcome.text.trim().replaceAll(/^(?=.)/gm, '         ')}`.trimEnd());
  }
  say(`${checks.length - failures} held, ${failures} did not`);
  process.exitCode = failures === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
