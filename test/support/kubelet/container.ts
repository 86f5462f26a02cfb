import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PodSpec } from '../../../src/controller/pods/mounts.ts';
import type { Bind } from './volumes.ts';

export interface ContainerOptions {
  /** For the container's root, its log and its termination message. */
  readonly folder: string;
  readonly spec: PodSpec;
  readonly binds: readonly Bind[];
  /** What the image sets. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Ended {
  readonly exitCode: number;
  /** What it wrote to its termination message path: 4096 bytes at most, as Kubernetes keeps. */
  readonly message: string;
}

/** A container that runs: one `holdfast` command in a file system, process tree and user of its own. */
export interface RunningContainer {
  readonly ended: Promise<Ended>;
  readonly logFile: string;
  /** SIGTERM, and SIGKILL to the whole tree after the grace. */
  terminate(graceMs: number): void;
  kill(): void;
}

const project = join(import.meta.dirname, '../../..');
const defaultUser = 65_532;

/** Starts the first container of a pod. Its command is the image's: `/app/jobs/main.ts` of this project. */
export async function startContainer({ folder, spec, binds, environment }: ContainerOptions): Promise<RunningContainer> {
  const [root, messageFile, logFile] = [join(folder, 'root'), join(folder, 'termination-log'), join(folder, 'log')];
  // Beside the pods' folders, for all of them: a pod that compiles everything anew takes twice as long to start.
  const compiled = join(folder, '../compiled');
  const [container] = spec.containers;
  if (!container) throw new Error('the pod has no container');
  const { runAsUser = defaultUser, runAsGroup = defaultUser, fsGroup } = spec.securityContext ?? {};
  for (const made of [root, compiled]) await mkdir(made, { recursive: true });
  await chmod(compiled, 0o1777);
  await writeFile(messageFile, '');
  await chmod(messageFile, 0o666);
  await writeFile(join(folder, 'passwd'), `root:x:0:0::/root:/bin/sh\nholdfast:x:${runAsUser}:${runAsGroup}::/tmp:/usr/sbin/nologin\n`);
  const files: Bind[] = [
    { from: join(folder, 'passwd'), to: '/etc/passwd', readOnly: true },
    { from: messageFile, to: container.terminationMessagePath ?? '/dev/termination-log', readOnly: false },
    { from: compiled, to: '/var/cache/holdfast', readOnly: false },
    ...binds,
  ];
  const groups = fsGroup === undefined ? '--clear-groups' : `--groups=${fsGroup}`;
  const command = ['setpriv', `--reuid=${runAsUser}`, `--regid=${runAsGroup}`, groups, '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all', '/app/node', '/app/jobs/main.ts', ...(container.args ?? [])];
  const script = ['umask 022', ...rootScript(root, files), `exec chroot ${quote(root)} ${command.map(quote).join(' ')}`].join('\n');
  const log = openSync(logFile, 'a');
  const child = spawn('unshare', ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-euc', script], { cwd: '/', env: { NODE_COMPILE_CACHE: '/var/cache/holdfast', ...environment, ...variablesOf(container.env ?? []) }, stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const exitCode = code ?? (signal === 'SIGKILL' ? 137 : 143);
      readFile(messageFile, 'utf8').then((message) => resolve({ exitCode, message: message.slice(0, 4096) }), reject);
    });
  });
  return { ended, logFile, kill: () => child.kill('SIGKILL'), terminate: (graceMs) => { terminate(child, graceMs); } };
}

/** `unshare` passes no signal on: the command itself is its only child. */
function terminate(child: ChildProcess, graceMs: number): void {
  const [command] = childrenOf(child.pid);
  if (command !== undefined) process.kill(command, 'SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs).unref();
  child.once('close', () => { clearTimeout(timer); });
}

function childrenOf(pid: number | undefined): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return []; // It has ended.
  }
}

function variablesOf(env: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: unknown }[]): Record<string, string> {
  const unsupported = env.find(({ valueFrom }) => valueFrom !== undefined);
  if (unsupported) throw new Error(`${unsupported.name}: this kubelet gives values only, no references`);
  return Object.fromEntries(env.map(({ name, value = '' }) => [name, value]));
}

/**
 * Commands that make the container's file system: the machine's programs, the project as in the image, devices, the pod's volumes; all but the
 * writable volumes read-only.
 */
function rootScript(root: string, files: readonly Bind[]): string[] {
  const at = (path: string): string => quote(join(root, path));
  const bind = ({ from, to, readOnly }: Bind): string[] => [
    `if [ -d ${quote(from)} ]; then mkdir -p ${at(to)}; else mkdir -p ${at(dirname(to))}; [ -e ${at(to)} ] || : > ${at(to)}; fi`,
    `mount --bind ${quote(from)} ${at(to)}`,
    ...(readOnly ? [`mount -o remount,bind,ro ${at(to)}`] : []),
  ];
  return [
    `mount -t tmpfs -o mode=755 root ${quote(root)}`,
    `for name in bin sbin lib lib32 lib64 libx32; do if [ -L "/$name" ]; then cp -P "/$name" ${at('/')}; elif [ -d "/$name" ]; then mkdir ${at('/')}"$name"; mount --bind "/$name" ${at('/')}"$name"; fi; done`,
    ...['/usr', '/etc'].flatMap((path) => bind({ from: path, to: path, readOnly: true })),
    `mkdir -p ${at('/proc')} ${at('/dev/shm')} ${at('/tmp')} && mount -t proc proc ${at('/proc')} && mount -t tmpfs -o mode=1777 shm ${at('/dev/shm')}`,
    `ln -s /proc/self/fd ${at('/dev/fd')}`,
    ...['null', 'zero', 'full', 'random', 'urandom'].flatMap((name) => bind({ from: `/dev/${name}`, to: `/dev/${name}`, readOnly: false })),
    ...['package.json', 'node_modules', 'src', 'jobs'].flatMap((name) => bind({ from: join(project, name), to: `/app/${name}`, readOnly: true })),
    ...bind({ from: process.execPath, to: '/app/node', readOnly: true }),
    ...files.flatMap(bind),
    `mount -o remount,ro ${quote(root)}`,
  ];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
