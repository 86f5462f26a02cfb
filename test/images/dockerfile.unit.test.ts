import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { assignmentsOf, lineageOf, readDockerfile, type Stage } from './dockerfile.ts';

const root = new URL('../../', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string; dependencies: Record<string, string> };
const dockerfile = readDockerfile();
const images = { api: lineageOf(dockerfile, 'api'), job: lineageOf(dockerfile, 'job') };

const textsOf = (stages: readonly Stage[], keyword: string): string[] =>
  stages.flatMap(({ instructions }) => instructions.filter((one) => one.keyword === keyword).map(({ text }) => text));
const runsOf = (stages: readonly Stage[]): string => textsOf(stages, 'RUN').join('\n');
const labelsOf = (stages: readonly Stage[]): Map<string, string> => new Map(textsOf(stages, 'LABEL').flatMap(assignmentsOf));

describe.each(Object.entries(images))('the image %s', (_, stages) => {
  it('stands on Debian trixie with Node 24, and can be pinned by digest', () => {
    expect(stages[0]?.from).toBe('node:24-trixie-slim');
    expect(dockerfile.globalArguments.has('NODE_IMAGE')).toBe(true);
  });

  it('runs as 65532, set last', () => {
    const users = textsOf(stages, 'USER');
    expect(users).toEqual(['65532:65532']);
    const afterwards = stages.at(-1)?.instructions ?? [];
    expect(afterwards.slice(afterwards.findIndex(({ keyword }) => keyword === 'USER') + 1).map(({ keyword }) => keyword)).not.toContain('RUN');
  });

  it('holds no package manager of Node and no program that changes the user', () => {
    expect(runsOf(stages)).toMatch(/rm -rf [^&]*\/usr\/local\/lib\/node_modules/);
    expect(runsOf(stages)).toContain('-perm /6000 -exec chmod a-s');
  });

  it('installs without recommendations and leaves neither lists nor caches', () => {
    for (const run of textsOf(stages, 'RUN').filter((text) => text.includes('apt-get install'))) {
      expect(run.match(/apt-get install/g)).toHaveLength(run.match(/--no-install-recommends/g)?.length ?? 0);
      expect(run).toContain('rm -rf /var/lib/apt/lists/*');
      expect(run).toContain('find /var/cache /var/log -type f -delete');
    }
  });

  it('installs no build tools', () => {
    expect(runsOf(stages)).not.toMatch(/build-essential|gcc|g\+\+|make|python|git\b|curl|wget/);
  });

  it('fails to build where a step of a loop fails', () => {
    for (const loop of runsOf(stages).match(/\bdo .*?; done/g) ?? []) expect(loop).toContain('|| exit 1');
  });

  it('copies what it names, and nothing fetched from elsewhere', () => {
    expect(textsOf(stages, 'ADD')).toEqual([]);
    for (const copy of textsOf(stages, 'COPY').filter((text) => !text.startsWith('--from='))) {
      for (const source of copy.split(' ').slice(0, -1)) {
        expect(source).not.toBe('.');
        expect(existsSync(new URL(source, root))).toBe(true);
      }
    }
  });

  it('carries the labels of the Open Container Initiative, the version of package.json', () => {
    const labels = labelsOf(stages);
    for (const name of ['title', 'description', 'licenses', 'version', 'revision', 'base.name']) expect(labels.get(`org.opencontainers.image.${name}`)).toBeTruthy();
    expect(new Map(textsOf(stages, 'ARG').flatMap(assignmentsOf)).get('VERSION')).toBe(manifest.version);
  });

  it('sets no variable that reads like a secret', () => {
    const names = [...textsOf(stages, 'ENV'), ...textsOf(stages, 'ARG')].flatMap(assignmentsOf).map(([name]) => name);
    expect(names.filter((name) => /KEY|SECRET|TOKEN|PASSWORD|CREDENTIAL|IDENTITY/.test(name))).toEqual([]);
  });

  it('starts a program, not a shell, so that signals reach it', () => {
    for (const entry of textsOf(stages, 'ENTRYPOINT')) expect(JSON.parse(entry)).toHaveLength(1);
  });
});

describe('what the images are made of', () => {
  const linked = runsOf([...images.api, ...images.job]).matchAll(/ln -s (\/app\/\S+)/g);

  it('installs exactly the lock file, running no script of a package', () => {
    const [install] = textsOf(dockerfile.stages.slice(0, 1), 'RUN');
    expect(install).toMatch(/^npm ci --omit=dev --ignore-scripts/);
  });

  it.each([...linked].map(([, path = '']) => path))('links %s, which can be executed', (path) => {
    expect(statSync(new URL(path.replace('/app/', ''), root)).mode & 0o111).toBe(0o111);
  });

  it('gives jobs neither the cluster client nor the catalogue', () => {
    const [removed = ''] = textsOf(dockerfile.stages.filter(({ name }) => name === 'job-dependencies'), 'RUN');
    const packages = [...removed.matchAll(/node_modules\/(\S+)/g)].map(([, name = '']) => name);
    for (const name of packages) expect(Object.keys(manifest.dependencies).some((dependency) => dependency === name || dependency.startsWith(`${name}/`)) || name === 'better-sqlite3').toBe(true);
  });

  it('takes the private key that Debian makes out of the job image again', () => {
    expect(runsOf(images.job)).toContain('rm -f /etc/ssl/private/ssl-cert-snakeoil.key');
  });

  it('sends to the builder only what an image copies', () => {
    const [first, ...others] = readFileSync(new URL('.dockerignore', root), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const copied = textsOf(dockerfile.stages, 'COPY').filter((text) => !text.startsWith('--from=')).flatMap((text) => text.split(' ').slice(0, -1));
    const tops = new Set(copied.map((path) => path.split('/')[0] ?? ''));
    expect(first).toBe('*');
    expect(others.map((line) => line.replace(/^!/, '')).toSorted()).toEqual([...tops].toSorted());
  });
});
