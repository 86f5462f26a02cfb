import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Client, createClient } from '../../src/kubernetes/client.ts';
import { connect } from '../../src/kubernetes/connect.ts';
import { definitions } from '../../src/kubernetes/resources/definitions.ts';
import { type ApiServer, startApiServer } from '../support/api-server/start.ts';
import type { AccessRule } from '../support/api-server/users.ts';
import { kubernetesPrograms } from '../support/kubernetes-programs.ts';

const main = join(import.meta.dirname, '../../src/plugin/main.ts');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Somebody at a terminal with the real kubectl, the plugin on the PATH, and an API server. */
export interface Terminal {
  readonly apiServer: ApiServer;
  /** What the controller would do meanwhile. */
  readonly administrator: Client;
  /** `kubectl holdfast …` as this user, the administrator when not named. */
  run(words: readonly string[], options?: { readonly user?: string; readonly environment?: Readonly<Record<string, string>> }): Promise<Ran>;
  close(): Promise<void>;
}

export async function openTerminal({ objects, access = {} }: { readonly objects: readonly object[]; readonly access?: Readonly<Record<string, readonly AccessRule[]>> }): Promise<Terminal> {
  const apiServer = await startApiServer({ objects: [...definitions(), ...objects], access });
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-plugin-'));
  await symlink(main, join(folder, 'kubectl-holdfast'));
  const { kubectl } = await kubernetesPrograms();
  const connection = connect({ environment: {}, userAgent: 'test', kubeconfig: await apiServer.kubeConfigFile() });
  return {
    apiServer,
    administrator: createClient({ connection, fieldManager: 'test' }),
    run: async (words, { user, environment = {} } = {}) => {
      const child = spawn(kubectl, ['holdfast', ...words], {
        env: { PATH: `${folder}:${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`, HOME: folder, LANG: 'C', KUBECONFIG: await apiServer.kubeConfigFile(user, 'shop'), ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit') as Promise<[number | null]>]);
      return { code, stdout, stderr };
    },
    close: async () => {
      await connection.close();
      await apiServer.stop();
      await rm(folder, { recursive: true });
    },
  };
}
