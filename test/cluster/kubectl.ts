import { spawn } from 'node:child_process';
import { kubernetesPrograms } from '../support/kubernetes-programs.ts';

/** What the suite reads of any object. */
export interface ClusterObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly uid: string; readonly labels?: Readonly<Record<string, string>>; readonly creationTimestamp: string };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface Kubectl {
  readonly namespace: string;
  /** Throws what the program said. */
  run(words: readonly string[], input?: string): Promise<string>;
  apply(...objects: readonly object[]): Promise<void>;
  get(kind: string, name: string): Promise<ClusterObject>;
  list(kind: string, selector?: string): Promise<ClusterObject[]>;
  /** With everything that it owns, and waits until it is gone. Nothing happens where it is not there. */
  remove(kind: string, ...names: readonly string[]): Promise<void>;
}

/** The real kubectl, on the cluster that KUBECONFIG names. */
export function useKubectl(namespace: string): Kubectl {
  const run: Kubectl['run'] = async (words, input = '') => runProgram((await kubernetesPrograms()).kubectl, [`--namespace=${namespace}`, ...words], input);
  return {
    namespace,
    run,
    async apply(...objects) {
      await run(['apply', '--filename=-'], objects.map((object) => JSON.stringify(object)).join('\n'));
    },
    async get(kind, name) {
      return JSON.parse(await run(['get', kind, name, '--output=json'])) as ClusterObject;
    },
    async list(kind, selector = '') {
      return (JSON.parse(await run(['get', kind, `--selector=${selector}`, '--output=json'])) as { items: ClusterObject[] }).items;
    },
    async remove(kind, ...names) {
      await run(['delete', kind, ...names, '--ignore-not-found', '--wait', '--timeout=5m']);
    },
  };
}

/** Gives standard output of a program that ended well; throws what it said otherwise. `input` is its standard input: secrets go there. */
export function runProgram(program: string, words: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { env: process.env, stdio: ['pipe', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => { stdout += chunk.toString(); });
    child.stderr.on('data', (chunk: Buffer) => { stderr += chunk.toString(); });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(`${program} ${words.join(' ')} ended with ${code}:\n${stderr}${stdout}`));
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
