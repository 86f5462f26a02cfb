import { Command as CommanderCommand, CommanderError, Option } from 'commander';
import { defineErrorFamily } from '../src/operations/errors.ts';
import { type Language, renderText, type Text } from '../src/operations/text.ts';
import { type Command, everywhereSettings } from './commands/command.ts';
import { type GivenOptions, type Setting, type SettingName, settings } from './configuration.ts';

export const usageErrors = defineErrorFamily({
  USAGE_INVALID: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'The command line is not valid: {problem}', zh: '命令行无效：{problem}' },
    hint: { en: '`holdfast {command} --help` shows how it is used.', zh: '`holdfast {command} --help` 会显示用法。' },
  },
});

/** What a person asked for on the command line, checked. */
export interface Invocation {
  readonly command: Command;
  readonly input: Record<string, unknown>;
  readonly given: GivenOptions;
  readonly json: boolean;
}

const headings: Record<string, Text> = {
  'Usage:': { en: 'Usage:', zh: '用法：' },
  'Arguments:': { en: 'Arguments:', zh: '参数：' },
  'Options:': { en: 'Options:', zh: '选项：' },
  'Commands:': { en: 'Commands:', zh: '命令：' },
};

const texts = {
  program: { en: 'Backs up PostgreSQL and SQLite databases so that they can be restored.', zh: '备份 PostgreSQL 与 SQLite 数据库，并保证可恢复。' },
  json: { en: 'print the result as one line of JSON', zh: '将结果输出为一行 JSON' },
  help: { en: 'show this help', zh: '显示此帮助' },
  version: { en: 'show the version', zh: '显示版本' },
  variables: {
    en: 'Every setting is also a variable (--repository is HOLDFAST_REPOSITORY), and <VARIABLE>_FILE reads its value from a file.',
    zh: '每个设置也可用环境变量给出（--repository 即 HOLDFAST_REPOSITORY），<变量名>_FILE 则从文件读取其值。',
  },
  unknownOption: { en: 'there is no option {name}', zh: '没有选项 {name}' },
  unknownCommand: { en: 'there is no command {name}', zh: '没有命令 {name}' },
  missingArgument: { en: 'the argument {name} is missing', zh: '缺少参数 {name}' },
  missingValue: { en: 'the option {name} needs a value', zh: '选项 {name} 需要一个值' },
  tooMany: { en: 'there are arguments too many', zh: '参数过多' },
} as const satisfies Record<string, Text>;

/** Commander whose mistakes are ours: in the reader's language, thrown as USAGE_INVALID. */
class Program extends CommanderCommand {
  readonly #language: Language;

  constructor(name: string, language: Language) {
    super(name);
    this.#language = language;
    this.exitOverride();
    this.helpOption('-h, --help', renderText(texts.help, language));
    this.configureHelp({ styleTitle: (title) => renderText(headings[title] ?? { en: title, zh: title }, language) });
  }

  override createCommand(name: string): Program {
    return new Program(name, this.#language);
  }

  unknownOption(flag: string): never {
    this.#refuse(texts.unknownOption, flag);
  }

  unknownCommand(): never {
    this.#refuse(texts.unknownCommand, this.args[0] ?? '');
  }

  missingArgument(name: string): never {
    this.#refuse(texts.missingArgument, name);
  }

  optionMissingArgument(option: Option): never {
    this.#refuse(texts.missingValue, option.flags);
  }

  _excessArguments(): never {
    this.#refuse(texts.tooMany, '');
  }

  #refuse(problem: Text, name: string): never {
    const command = this.parent ? this.name() : '';
    throw usageErrors.USAGE_INVALID({ problem: renderText(problem, this.#language, { name }), command });
  }
}

/**
 * Parses `arguments_` (without node and script). Undefined when help or the version was printed. Throws USAGE_INVALID.
 * `write` gets the help text.
 */
export function parseCommandLine(
  commands: readonly Command[],
  arguments_: readonly string[],
  { language, version, write }: { readonly language: Language; readonly version: string; readonly write: (text: string) => void },
): Invocation | undefined {
  let invocation: Invocation | undefined;
  const program = new Program('holdfast', language);
  program
    .description(renderText(texts.program, language))
    .version(version, '-V, --version', renderText(texts.version, language))
    .helpCommand(false)
    .addHelpText('after', `\n${renderText(texts.variables, language)}`);
  for (const command of commands) {
    const entry = program.command(command.name).description(renderText(command.summary, language));
    for (const argument of command.arguments) entry.argument(argument.notation, renderText(argument.description, language));
    for (const option of command.options) entry.option(option.flags, renderText(option.description, language));
    const names = [...command.settings, ...everywhereSettings];
    const settingOptions = names.map((name) => addSetting(entry, name, language));
    entry.option('--json', renderText(texts.json, language));
    entry.action(() => {
      const options: Record<string, unknown> = { ...entry.opts() };
      // `--source-name "$NAME"` without a NAME would mean every source, and nobody meant that.
      for (const option of entry.options) if (options[option.attributeName()] === '') entry.optionMissingArgument(option);
      const given: GivenOptions = {};
      for (const [name, key] of settingOptions) {
        if (typeof options[key] === 'string') given[name] = options[key];
        delete options[key];
      }
      const { json, ...input } = options;
      command.arguments.forEach((argument, index) => {
        input[argument.notation.replace(/[<>[\]]/g, '')] = entry.args[index];
      });
      invocation = { command, input: checkInput(command, input), given, json: json === true };
    });
  }
  everyCommand(program, (entry) => entry.configureOutput({ writeOut: write, writeErr: write }));
  try {
    program.parse(arguments_, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return undefined;
      if (error.code === 'commander.help') throw usageErrors.USAGE_INVALID({ problem: renderText(texts.missingArgument, language, { name: '<command>' }), command: '' });
      throw usageErrors.USAGE_INVALID({ problem: error.message, command: '' }, { cause: error });
    }
    throw error;
  }
  return invocation;
}

function addSetting(entry: CommanderCommand, name: SettingName, language: Language): [SettingName, string] {
  const setting: Setting = settings[name];
  const option = new Option(setting.flags, renderText(setting.description, language));
  entry.addOption(option);
  return [name, option.attributeName()];
}

function everyCommand(program: CommanderCommand, visit: (entry: CommanderCommand) => void): void {
  visit(program);
  for (const child of program.commands) visit(child);
}

function checkInput(command: Command, input: Record<string, unknown>): Record<string, unknown> {
  const parsed = command.input.safeParse(input);
  if (parsed.success) return parsed.data;
  const problem = parsed.error.issues
    .map((issue) => `${issue.path.map((key) => optionName(String(key))).join('.')}: ${issue.message}`)
    .join('; ');
  throw usageErrors.USAGE_INVALID({ problem, command: command.name });
}

/** `olderThan` → `--older-than`. */
function optionName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
