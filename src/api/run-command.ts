import { HoldfastError } from '../operations/errors.ts';
import { languageOfLocale, renderText, type Text } from '../operations/text.ts';
import { checkCommand } from './commands/check.ts';
import type { Command, CommandContext } from './commands/command.ts';
import { createAdminCommand } from './commands/create-admin.ts';
import { migrateCommand } from './commands/migrate.ts';
import { serveCommand } from './commands/serve.ts';
import { serviceErrors } from './service-errors.ts';

const commands: readonly Command[] = [serveCommand, checkCommand, migrateCommand, createAdminCommand];

const texts = {
  usage: { en: 'Usage: holdfast-service [command]', zh: '用法：holdfast-service [命令]' },
  variables: { en: 'Settings are variables of the environment: docs/service.md lists them.', zh: '所有设置均为环境变量，见 docs/service.md。' },
  unknown: { en: 'there is no command {name}', zh: '没有命令 {name}' },
} satisfies Record<string, Text>;

const usageCode = 2;
const unexpectedCode = 1;

/** Runs one command of the service. Never throws: what went wrong is said on standard error, and is in the exit code. */
export async function runCommand(words: readonly string[], process: Omit<CommandContext, 'language'>): Promise<number> {
  const { environment, stdout, stderr } = process;
  const language = languageOfLocale(environment['HOLDFAST_LANGUAGE'], environment['LC_ALL'], environment['LC_MESSAGES'], environment['LANG']);
  const context = { ...process, language };
  try {
    if (words.includes('--help') || words.includes('-h')) {
      const rows = commands.map(({ usage, summary }) => `  ${usage.padEnd(34)} ${summary[language]}`);
      stdout.write(`${[texts.usage[language], '', ...rows, '', texts.variables[language]].join('\n')}\n`);
      return 0;
    }
    const isOption = words[0]?.startsWith('-') ?? true;
    const name = isOption ? serveCommand.name : words[0];
    const command = commands.find((candidate) => candidate.name === name);
    if (command === undefined) throw serviceErrors.COMMAND_INVALID({ problem: { en: renderText(texts.unknown, 'en', { name: name ?? '' }), zh: renderText(texts.unknown, 'zh', { name: name ?? '' }) } });
    return await command.run(isOption ? words : words.slice(1), context);
  } catch (error) {
    if (!(error instanceof HoldfastError)) {
      stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      return unexpectedCode;
    }
    const { message, hint } = error.describe(language);
    stderr.write(`${error.code}: ${message}\n  ${hint}\n`);
    return usageCode;
  }
}
