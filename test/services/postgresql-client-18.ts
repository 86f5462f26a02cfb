import { execFile } from 'node:child_process';
import { access, chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const programs = ['pg_dump', 'pg_restore', 'pg_dumpall', 'psql'];
/** Debian's release that keeps PostgreSQL 18; the newest one moves on to the next major version. */
const suite = 'forky';
const whatToDo =
  'Install the client programs of PostgreSQL 18 (Debian package postgresql-client-18, or from postgresql.org), or set TEST_POSTGRES_BIN_18 to the folder of its pg_dump, pg_restore, pg_dumpall and psql.';

/**
 * The folder with version 18 of pg_dump, pg_restore, pg_dumpall and psql: installed ones if there are any, else Debian's,
 * unpacked with all their libraries, the C library included, into `cache`. Nothing is installed into the system.
 */
export async function clientPrograms18(cache: string): Promise<string> {
  for (const folder of ['/usr/lib/postgresql/18/bin', ...(process.env['PATH'] ?? '').split(':')]) {
    if ((await versionOf(folder))?.includes(' 18.') === true) return folder;
  }
  const bin = join(cache, 'postgresql-client-18', 'bin');
  if ((await versionOf(bin)) === undefined) await unpackDebianPackages(cache);
  const version = await versionOf(bin);
  if (version?.includes(' 18.') !== true) throw new Error(`The unpacked pg_dump 18 does not run (${version ?? 'no answer'}). ${whatToDo}`);
  return bin;
}

async function versionOf(folder: string): Promise<string | undefined> {
  return run(join(folder, 'pg_dump'), ['--version']).then(({ stdout }) => stdout.trim(), () => undefined);
}

async function unpackDebianPackages(cache: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'unpacking-'));
  try {
    const archives = await downloadArchives(work);
    const tree = join(work, 'tree');
    await mkdir(tree);
    for (const archive of archives) await run('dpkg-deb', ['--extract', archive, tree]);
    const result = join(work, 'result');
    await arrange(tree, result);
    await rm(join(cache, 'postgresql-client-18'), { recursive: true, force: true });
    await rename(result, join(cache, 'postgresql-client-18')).catch(async (error: NodeJS.ErrnoException) => {
      // Another test run was faster; its result is as good.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Downloads the package and everything that it depends on, as if nothing were installed, with apt's folders kept apart from the machine's. */
async function downloadArchives(work: string): Promise<string[]> {
  const mirror = await debianMirror();
  const archives = join(work, 'cache', 'archives');
  await Promise.all([mkdir(join(work, 'lists', 'partial'), { recursive: true }), mkdir(join(archives, 'partial'), { recursive: true })]);
  await writeFile(join(work, 'status'), '');
  await writeFile(join(work, 'sources.list'), `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror} ${suite} main\n`);
  const options = [
    `Dir::Etc::sourcelist=${work}/sources.list`, 'Dir::Etc::sourceparts=/dev/null', `Dir::State::lists=${work}/lists`,
    `Dir::State::status=${work}/status`, `Dir::Cache=${work}/cache`, 'APT::Install-Recommends=0', 'Acquire::Languages=none',
    'APT::Sandbox::User=', 'Acquire::Retries=3', 'Debug::NoLocking=1',
    'Acquire::Check-Valid-Until=false', // a frozen mirror will do; the signatures are checked all the same
  ].flatMap((option) => ['-o', option]);
  try {
    await run('apt-get', [...options, 'update', '--error-on=any'], { timeout: 180_000 });
    await run('apt-get', [...options, 'install', '--yes', '--download-only', 'postgresql-client-18'], { timeout: 300_000, maxBuffer: 2 ** 24 });
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    throw new Error(`PostgreSQL 18's client programs could not be downloaded from Debian ${suite}. ${whatToDo}\n${stderr}`, { cause: error });
  }
  return (await readdir(archives)).filter((name) => name.endsWith('.deb')).map((name) => join(archives, name));
}

/** The mirror that this machine's own package sources name. */
async function debianMirror(): Promise<string> {
  const isDebian = /^ID=debian$/mu.test(await readFile('/etc/os-release', 'utf8').catch(() => ''));
  const { stdout } = isDebian ? await run('apt-get', ['update', '--print-uris']) : { stdout: '' };
  const mirror = /'([^']+)\/dists\/[a-z]+\/InRelease'/u.exec(stdout)?.[1];
  if (mirror === undefined) throw new Error(`PostgreSQL 18's client programs are missing. ${whatToDo}`);
  return mirror;
}

/** Keeps of the unpacked packages what the programs need, and puts wrappers before them that use these libraries alone. */
async function arrange(tree: string, result: string): Promise<void> {
  const libraries = join(result, 'lib');
  const triplet = (await readdir(join(tree, 'usr', 'lib'))).find((name) => name.endsWith('-linux-gnu'));
  if (triplet === undefined) throw new Error(`Debian's packages hold no libraries. ${whatToDo}`);
  await cp(join(tree, 'usr', 'lib', triplet), libraries, { recursive: true, verbatimSymlinks: true, filter: (path) => !/\/(?:perl|gconv|krb5|sasl2)/u.test(path.slice(tree.length)) });
  await cp(join(tree, 'usr', 'lib', 'postgresql', '18', 'bin'), join(result, 'programs'), { recursive: true });
  const loader = (await readdir(libraries)).find((name) => /^ld-linux-.*\.so\.\d+$/u.test(name));
  if (loader === undefined) throw new Error(`Debian's packages hold no program loader. ${whatToDo}`);
  await mkdir(join(result, 'bin'));
  for (const name of programs) {
    await access(join(result, 'programs', name));
    const wrapper = join(result, 'bin', name);
    await writeFile(wrapper, `#!/bin/sh\nhere=\${0%/*}/..\nexec "$here/lib/${loader}" --library-path "$here/lib" --argv0 "$0" "$here/programs/${name}" "$@"\n`);
    await chmod(wrapper, 0o755);
  }
}
