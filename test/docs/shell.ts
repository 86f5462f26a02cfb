import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { service } from '../services/database.ts';
import { kubernetesPrograms } from '../support/kubernetes-programs.ts';

const plugin = join(import.meta.dirname, '../../src/plugin/main.ts');

/** The shell of a person who has a page in front of them: bash, the real kubectl with the plugin on its PATH, psql. */
export interface Shell {
  /** What it printed. Throws where it fails. */
  run(script: string, environment?: Readonly<Record<string, string>>): Promise<string>;
  close(): Promise<void>;
}

export async function openShell({ kubeconfig }: { readonly kubeconfig: string }): Promise<Shell> {
  const home = await mkdtemp(join(tmpdir(), 'holdfast-shell-'));
  await symlink(plugin, join(home, 'kubectl-holdfast'));
  const { kubectl } = await kubernetesPrograms();
  const path = [home, dirname(kubectl), dirname(process.execPath), service('TEST_POSTGRES_BIN_15'), process.env['PATH']].join(delimiter);
  return {
    run: async (script, environment = {}) => {
      const child = spawn('bash', ['-euo', 'pipefail', '-c', script], { cwd: home, env: { PATH: path, HOME: home, LANG: 'C', KUBECONFIG: kubeconfig, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
      const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close') as Promise<[number | null]>]);
      if (code !== 0) throw new Error(`${script}\nended with ${code}:\n${stdout}\n${stderr}`);
      return stdout;
    },
    close: () => rm(home, { recursive: true }),
  };
}

/** The commands that a page shows under a heading, one by one: a reader waits for each. */
export function commandsOf(page: string, heading: string): string[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(heading));
  if (section === undefined) throw new Error(`the page has no heading "${heading}"`);
  const blocks = [...section.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block);
  return blocks.flatMap((block) => block.replaceAll(/\\\n\s*/g, '').trim().split('\n'));
}

/** The command in a page's running text that begins like this. */
export function inlineCommandOf(page: string, beginning: string): string {
  const [, command] = new RegExp(`\`(${beginning}[^\`]*)\``).exec(page) ?? [];
  if (command === undefined) throw new Error(`the page shows no command "${beginning}"`);
  return command;
}
