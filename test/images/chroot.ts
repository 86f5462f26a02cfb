import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export interface RunOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** As a kubelet runs our pods: uid 65532, no capabilities, a read-only root, an empty /tmp. */
  readonly restricted?: boolean;
  readonly workingDirectory?: string;
}

/** Debian trixie with the project's Node and the machine's npm: what stands in for node:24-trixie-slim. */
export async function makeBase(root: string): Promise<void> {
  await execute('debootstrap', ['--variant=minbase', 'trixie', root], { maxBuffer: 2 ** 26 });
  await execute('find', [join(root, 'var/cache'), join(root, 'var/log'), join(root, 'var/lib/apt/lists'), '-type', 'f', '-delete']);
  const { stdout } = await execute('npm', ['root', '--global']);
  await copyFile(process.execPath, join(root, 'usr/local/bin/node'));
  await cp(join(stdout.trim(), 'npm'), join(root, 'usr/local/lib/node_modules/npm'), { recursive: true, verbatimSymlinks: true });
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
}

export async function copyRoot(from: string, to: string): Promise<void> {
  await execute('cp', ['--archive', '--reflink=auto', from, to]);
}

/** `COPY`: files and folders of `context` by their names below it. */
export async function copyInto(root: string, context: string, sources: readonly string[], target: string): Promise<void> {
  for (const source of sources) {
    const to = target.endsWith('/') ? join(root, target, source) : join(root, target);
    await mkdir(dirname(to), { recursive: true });
    await cp(join(context, source), to, { recursive: true, verbatimSymlinks: true });
  }
}

/** Runs a line of the shell in the root, in a mount and process namespace of its own. Gives what it said on standard output. */
export async function runIn(root: string, line: string, { environment, restricted = false, workingDirectory = '/' }: RunOptions): Promise<string> {
  const script = restricted ? [...mounts, ...asKubelet, `exec ${unprivileged} sh -c "$LINE"`] : [...mounts, ...lent, 'exec chroot "$ROOT" sh -c "cd \\"$WORK\\" && $LINE"'];
  const variables = { ...environment, HOME: restricted ? '/tmp' : '/root', ROOT: resolve(root), WORK: workingDirectory, LINE: line };
  const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  const { stdout } = await execute('unshare', ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-euc', script.join('\n')], { env: { ...variables, PATH: path }, maxBuffer: 2 ** 26 });
  return stdout;
}

const mounts = [
  'mount --bind "$ROOT" "$ROOT"',
  'mount -t proc proc "$ROOT/proc"',
  'mount --bind /dev "$ROOT/dev"',
];

/** How this machine reaches Debian's and npm's packages; never part of the result. */
const lent = [
  ': > "$ROOT/etc/resolv.conf"; mount --bind /etc/resolv.conf "$ROOT/etc/resolv.conf"',
  'if [ -f /etc/ssl/certs/ca-certificates.crt ]; then mkdir -p "$ROOT/run/lent"; mount -t tmpfs tmpfs "$ROOT/run/lent"; cp /etc/ssl/certs/ca-certificates.crt "$ROOT/run/lent/"; export NODE_EXTRA_CA_CERTS=/run/lent/ca-certificates.crt; fi',
];

const asKubelet = [
  'mount -t tmpfs -o size=2g,mode=1777 tmpfs "$ROOT/tmp"',
  'mount -o remount,bind,ro "$ROOT"',
  'cd "$ROOT"',
];

const unprivileged = 'chroot "$ROOT" /usr/bin/setpriv --reuid=65532 --regid=65532 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all';
