import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { ApiServer } from '../support/api-server/start.ts';
import { controllerEnvironment, controllerUser } from './controller-under-test.ts';

/** The controller as the chart runs it in a pod: a process of its own. */
export interface Replica {
  readonly process: ChildProcess;
  /** One figure of its management port. */
  metric(name: string): Promise<number>;
  /** The exit code; undefined where it was killed. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | undefined>;
}

/** Returns once its management port listens. */
export async function startReplica(server: ApiServer, identity: string): Promise<Replica> {
  const environment = { ...controllerEnvironment(identity), PATH: process.env['PATH'], NODE_OPTIONS: '--max-semi-space-size=4', KUBECONFIG: await server.kubeConfigFile(controllerUser) };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/controller/main.ts'], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  const port = await managementPortOf(child);
  return {
    process: child,
    async metric(name) {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return Number(new RegExp(`^${name} ([0-9.e+]+)$`, 'm').exec(text)?.[1]);
    },
    async end(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const [code] = (await ended) as [number | null];
      return code ?? undefined;
    },
  };
}

async function managementPortOf(child: ChildProcess): Promise<number> {
  if (!child.stderr) throw new Error('standard error is not piped');
  const lines = createInterface({ input: child.stderr });
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    lines.on('line', (line) => {
      said.push(line);
      const { msg, port } = (line.startsWith('{') ? JSON.parse(line) : {}) as { msg?: string; port?: number };
      if (msg === 'management port listens' && port !== undefined) resolve(port);
    });
    lines.on('close', () => reject(new Error(`the controller ended: ${said.join('\n')}`)));
  });
}
