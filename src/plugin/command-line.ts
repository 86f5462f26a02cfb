import { parseArgs } from 'node:util';
import { type Language, renderText, type Text } from '../operations/text.ts';
import { type CommonOptions, commonOptions, type GivenOptions, type PluginCommand, type PluginOption, type PluginOptions } from './command.ts';
import { pluginErrors } from './plugin-errors.ts';

/** What a person asked for; `help` also where nothing was asked for. */
export type Invocation =
  | { readonly help: true; readonly command?: PluginCommand }
  | { readonly help: false; readonly command: PluginCommand; readonly words: readonly string[]; readonly options: GivenOptions<PluginOptions> & CommonOptions };

const texts = {
  program: { en: 'Backups of databases, proven restorable.', zh: '可证明能恢复的数据库备份。' },
  usage: { en: 'Usage:', zh: '用法：' },
  commands: { en: 'Commands:', zh: '命令：' },
  options: { en: 'Options:', zh: '选项：' },
  more: { en: '`kubectl holdfast <command> --help` tells of one. Everything is done by resources: what you may do is what your RBAC says.', zh: '`kubectl holdfast <命令> --help` 显示某个命令的用法。一切通过资源完成：权限由集群 RBAC 决定。' },
  unknownCommand: { en: 'there is no command {name}', zh: '没有命令 {name}' },
  missing: { en: '{word} is missing', zh: '缺少 {word}' },
  tooMany: { en: '{word} is one word too many', zh: '多余的参数 {word}' },
} as const satisfies Record<string, Text>;

/** Throws PLUGIN_USAGE_INVALID. */
export function parseCommandLine(commands: readonly PluginCommand[], given: readonly string[]): Invocation {
  const [name, ...rest] = given;
  if (name === undefined || name === '--help' || name === '-h') return { help: true };
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) throw pluginErrors.PLUGIN_USAGE_INVALID({ problem: inBoth(texts.unknownCommand, { name }) });
  const { values, positionals } = parse(command, rest);
  if (values['help'] === true) return { help: true, command };
  checkWords(command, positionals);
  return { help: false, command, words: positionals, options: values as GivenOptions<PluginOptions> & CommonOptions };
}

function parse({ options }: PluginCommand, given: readonly string[]) {
  try {
    return parseArgs({ args: [...given], options: { ...commonOptions, ...options }, allowPositionals: true, strict: true });
  } catch (error) {
    throw pluginErrors.PLUGIN_USAGE_INVALID({ problem: (error as Error).message }, { cause: error });
  }
}

function checkWords({ words }: PluginCommand, given: readonly string[]): void {
  const missing = words.find((word, index) => word.startsWith('<') && given[index] === undefined);
  if (missing !== undefined) throw pluginErrors.PLUGIN_USAGE_INVALID({ problem: inBoth(texts.missing, { word: missing }) });
  const extra = given[words.length];
  if (extra !== undefined) throw pluginErrors.PLUGIN_USAGE_INVALID({ problem: inBoth(texts.tooMany, { word: extra }) });
}

function inBoth(text: Text, values: Readonly<Record<string, string>>): Text {
  return { en: renderText(text, 'en', values), zh: renderText(text, 'zh', values) };
}

/** The help of the plugin, or of one command. */
export function helpText(commands: readonly PluginCommand[], command: PluginCommand | undefined, language: Language): string {
  if (command === undefined) {
    const rows = commands.map((each) => [usageOf(each), each.summary[language]] as const);
    return [texts.program[language], '', `${texts.usage[language]} kubectl holdfast <command>`, '', texts.commands[language], ...aligned(rows), '', texts.more[language], ''].join('\n');
  }
  const rows = Object.entries<PluginOption>({ ...command.options, ...commonOptions }).map(([name, option]) => [flagsOf(name, option), option.description[language]] as const);
  return [command.summary[language], '', `${texts.usage[language]} kubectl holdfast ${usageOf(command)}`, '', texts.options[language], ...aligned(rows), ''].join('\n');
}

function usageOf({ name, words }: PluginCommand): string {
  return [name, ...words].join(' ');
}

function flagsOf(name: string, { short, value }: PluginOption): string {
  return `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
}

function aligned(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
