import { execFile } from 'node:child_process';
import { access, constants, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What the tests run besides npm's packages, and the Debian package of each. `postgres` stands for server and clients. */
const needed: readonly { readonly program: string; readonly debianPackage: string; readonly variable?: string }[] = [
  { program: 'postgres', debianPackage: 'postgresql', variable: 'TEST_POSTGRES_BIN_15' },
  { program: 'redis-server', debianPackage: 'redis-server', variable: 'TEST_REDIS_URL' },
  { program: 'age', debianPackage: 'age' },
  { program: 'zstd', debianPackage: 'zstd' },
  { program: 'sqlite3', debianPackage: 'sqlite3' },
  { program: 'jq', debianPackage: 'jq' },
  { program: 'gzip', debianPackage: 'gzip' },
  { program: 'openssl', debianPackage: 'openssl' },
  { program: 'chromium', debianPackage: 'chromium' },
  { program: 'promtool', debianPackage: 'prometheus' },
  { program: 'unzip', debianPackage: 'unzip' },
];

/** Sees to it that every program the tests run is there: installs what is missing on Debian as root, otherwise throws naming it. */
export async function ensurePrograms(): Promise<void> {
  let missing = await missingPrograms();
  if (missing.length > 0 && (await isDebianRoot())) {
    await installDebianPackages(missing.map(({ debianPackage }) => debianPackage));
    missing = await missingPrograms();
  }
  if (missing.length === 0) return;
  const list = missing.map(({ program, debianPackage, variable }) =>
    `  ${program} (Debian package ${debianPackage})${variable === undefined ? '' : `, or set ${variable}`}`);
  throw new Error(`The tests need programs that are not installed:\n${list.join('\n')}\nInstall them and run the tests again.`);
}

async function missingPrograms(): Promise<typeof needed> {
  const isThere = await Promise.all(needed.map(async ({ program, variable }) => {
    if (variable !== undefined && process.env[variable] !== undefined) return true;
    return (program === 'postgres' ? await installedPostgresBin() : await folderOf([program])) !== undefined;
  }));
  return needed.filter((_, index) => isThere[index] === false);
}

/** The folder of the installed PostgreSQL's server and client programs: version 15 if there, else the newest; undefined when none is. */
export async function installedPostgresBin(): Promise<string | undefined> {
  const root = '/usr/lib/postgresql';
  const versions = (await readdir(root).catch(() => [])).toSorted((a, b) => Number(b) - Number(a));
  const debian = ['15', ...versions].map((version) => join(root, version, 'bin'));
  return folderOf(['initdb', 'postgres', 'pg_dump', 'pg_restore', 'psql'], debian);
}

/** The first folder that holds all of `programs`: of `first`, then of PATH. */
async function folderOf(programs: readonly string[], first: readonly string[] = []): Promise<string | undefined> {
  for (const folder of [...first, ...(process.env['PATH'] ?? '').split(delimiter)]) {
    const found = await Promise.all(programs.map(async (name) => access(join(folder, name), constants.X_OK).then(() => true, () => false)));
    if (found.every(Boolean)) return folder;
  }
  return undefined;
}

async function isDebianRoot(): Promise<boolean> {
  return process.getuid?.() === 0 && /^ID=debian$/mu.test(await readFile('/etc/os-release', 'utf8').catch(() => ''));
}

/** Files that keep Debian's packages from creating a database cluster or starting a service. Removed after the installation. */
const restraints = [
  { path: '/etc/postgresql-common/createcluster.d/holdfast-tests.conf', content: 'create_main_cluster = false\n', mode: 0o644 },
  { path: '/usr/sbin/policy-rc.d', content: '#!/bin/sh\nexit 101\n', mode: 0o755 },
];

async function installDebianPackages(packages: readonly string[]): Promise<void> {
  process.stderr.write(`Installing for the tests: ${packages.join(', ')}\n`);
  const written: string[] = [];
  try {
    for (const { path, content, mode } of restraints) {
      await mkdir(dirname(path), { recursive: true });
      // One that is there already is the machine's own and stays as it is.
      const isWritten = await writeFile(path, content, { mode, flag: 'wx' }).then(() => true, isAlreadyThere);
      if (isWritten) written.push(path);
    }
    const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeout: 600_000, maxBuffer: 2 ** 24 };
    await run('apt-get', ['-o', 'Acquire::Retries=3', 'update'], options);
    await run('apt-get', ['-o', 'Acquire::Retries=3', '-o', 'DPkg::Lock::Timeout=120', 'install', '--yes', '--no-install-recommends', ...packages], options);
  } finally {
    await Promise.all(written.map(async (path) => rm(path, { force: true })));
  }
}

function isAlreadyThere(error: NodeJS.ErrnoException): false {
  if (error.code === 'EEXIST') return false;
  throw error;
}
