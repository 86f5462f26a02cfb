import type { Writable } from 'node:stream';
import type { ParseArgsOptionDescriptor } from 'node:util';
import type { Client } from '../kubernetes/client.ts';
import type { Language, Text } from '../operations/text.ts';

/** What a command works with. */
export interface PluginContext {
  readonly client: Client;
  /** Of `-n`, or of the kubeconfig's context. */
  readonly namespace: string;
  readonly language: Language;
  /** Whether a program reads what is printed. */
  readonly json: boolean;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

export interface PluginOption extends Pick<ParseArgsOptionDescriptor, 'type' | 'short'> {
  /** What stands for the value in the help: `<name>`. */
  readonly value?: string;
  readonly description: Text;
}
export type PluginOptions = Readonly<Record<string, PluginOption>>;

/** The options that were given, by name. */
export type GivenOptions<Options extends PluginOptions> = { readonly [Name in keyof Options]?: Options[Name]['type'] extends 'boolean' ? boolean : string };

export interface PluginCommand<Options extends PluginOptions = PluginOptions> {
  readonly name: string;
  /** The positional arguments: `<schedule>`; `[schedule]` may be left out. */
  readonly words: readonly string[];
  readonly summary: Text;
  readonly options: Options;
  /** Gives the exit code. Throws HoldfastErrors. */
  run(context: PluginContext, words: readonly string[], options: GivenOptions<Options>): Promise<number>;
}

/** Keeps the types of the options for `run`; the program holds all commands as one list. */
export function defineCommand<const Options extends PluginOptions>(command: PluginCommand<Options>): PluginCommand {
  return command;
}

/** What every command takes. */
export const commonOptions = {
  namespace: { type: 'string', short: 'n', value: '<name>', description: { en: "the namespace (default: the context's)", zh: '命名空间（默认取自上下文）' } },
  context: { type: 'string', value: '<name>', description: { en: 'the context of the kubeconfig file', zh: 'kubeconfig 中的上下文' } },
  kubeconfig: { type: 'string', value: '<path>', description: { en: 'the kubeconfig file (default: KUBECONFIG, ~/.kube/config)', zh: 'kubeconfig 文件（默认：KUBECONFIG、~/.kube/config）' } },
  json: { type: 'boolean', description: { en: 'print JSON', zh: '输出 JSON' } },
  help: { type: 'boolean', short: 'h', description: { en: 'show this help', zh: '显示此帮助' } },
} as const satisfies PluginOptions;
export type CommonOptions = GivenOptions<typeof commonOptions>;

/** Of commands that make a run. */
export const runOptions = {
  name: { type: 'string', value: '<name>', description: { en: 'the name of the resource that is made (default: made of the schedule and the time)', zh: '所建资源的名称（默认由计划名与时间生成）' } },
  wait: { type: 'boolean', short: 'w', description: { en: 'wait until it is over; the exit code tells how it ended', zh: '等待结束；退出码表示结果' } },
  timeout: { type: 'string', value: '<time>', description: { en: 'how long to wait at most: 30m, 2h (default: without end)', zh: '最长等待时间：30m、2h（默认不限）' } },
} as const satisfies PluginOptions;
export type RunOptions = GivenOptions<typeof runOptions>;
