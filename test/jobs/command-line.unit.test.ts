import { describe, expect, it } from '@jest/globals';
import { parseCommandLine } from '../../jobs/command-line.ts';
import { commands } from '../../jobs/commands/all.ts';
import { type Environment } from '../../src/operations/configuration.ts';
import { readJobConfiguration, readLanguage, refuseSecretsInOptions, settings } from '../../jobs/configuration.ts';
import { languages, type Language } from '../../src/operations/text.ts';

function parse(words: string, language: Language = 'en') {
  const written: string[] = [];
  const invocation = parseCommandLine(commands, words.split(' '), { language, version: '1.2.3', write: (text) => written.push(text) });
  return { invocation, written: written.join('') };
}

describe('the command line', () => {
  it('reads arguments, options and settings', () => {
    const { invocation } = parse('restore 20260116T180445Z --to postgres://db/new --swap --connections 2 --json');
    expect(invocation).toMatchObject({
      command: { name: 'restore' },
      input: { backup: '20260116T180445Z', swap: true, overwrite: false },
      given: { HOLDFAST_TARGET: 'postgres://db/new', HOLDFAST_CONNECTIONS: '2' },
      json: true,
    });
  });

  it('understands the classic uses', () => {
    expect(parse('backup').invocation?.input).toMatchObject({ compress: true });
    expect(parse('backup --no-compress').invocation?.input).toMatchObject({ compress: false });
    expect(parse('cleanup --older-than 30d').invocation?.input).toMatchObject({ olderThan: 30 * 86_400_000 });
    expect(parse('list').invocation?.command.name).toBe('list');
  });

  it('takes no empty value: a forgotten variable must not widen what a command does', () => {
    for (const words of [['cleanup', '--keep-last', '1', '--source-name', ''], ['restore', 'latest', '--to', ''], ['export', 'latest', '--output=']]) {
      expect(() => parseCommandLine(commands, words, { language: 'en', version: '1.2.3', write: () => undefined })).toThrow(/needs a value/);
    }
  });

  it.each([
    ['explode', 'there is no command explode', '没有命令 explode'],
    ['restore', 'the argument backup is missing', '缺少参数 backup'],
    ['list --frob', 'there is no option --frob', '没有选项 --frob'],
    ['backup --source', 'needs a value', '需要一个值'],
    ['list a b', 'too many', '参数过多'],
    ['cleanup --older-than 30', '--older-than: use a number', '--older-than: use a number'],
  ])('refuses "%s" with what is wrong, in both languages', (words, english, chinese) => {
    expect(() => parse(words)).toThrow(english);
    expect(() => parse(words, 'zh')).toThrow(chinese);
  });

  it.each(languages)('shows help of the program and of every command (%s)', (language) => {
    const program = parse('--help', language);
    expect(program.invocation).toBeUndefined();
    for (const command of commands) {
      expect(program.written).toContain(command.name);
      // The text is wrapped to the width of a terminal.
      expect(program.written.replace(/\s+/g, ' ')).toContain(command.summary[language]);
      expect(parse(`${command.name} --help`, language).written).toContain('--json');
    }
  });

  it('shows its version', () => {
    expect(parse('--version').written).toContain('1.2.3');
  });

  it('has Chinese text for everything it says', () => {
    const texts = commands.flatMap((command) => [command.summary, ...command.options.map((option) => option.description), ...command.arguments.map((argument) => argument.description)]);
    for (const text of [...texts, ...Object.values(settings).map((setting) => setting.description)]) expect(text.zh).toMatch(/[\u4e00-\u9fff]/);
  });
});

function read(environment: Environment, given = {}) {
  return readJobConfiguration(environment, given, ['HOLDFAST_CONNECTIONS', 'HOLDFAST_SOURCE']);
}

function refusalOf(work: () => void): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was not refused');
}

describe('settings', () => {
  it('come from the environment, and options win', () => {
    expect(read({ HOLDFAST_CONNECTIONS: '3' }).HOLDFAST_CONNECTIONS).toBe(3);
    expect(read({ HOLDFAST_CONNECTIONS: '3' }, { HOLDFAST_CONNECTIONS: '5' }).HOLDFAST_CONNECTIONS).toBe(5);
  });

  it('take an option over a file that the environment names', () => {
    expect(read({ HOLDFAST_SOURCE_FILE: '/absent' }, { HOLDFAST_SOURCE: 'sqlite:///a' }).HOLDFAST_SOURCE).toBe('sqlite:///a');
  });

  it('do not fail a command that does not use them', () => {
    expect(read({ HOLDFAST_IDENTITY_FILE: '/absent' }).HOLDFAST_IDENTITY).toBeUndefined();
  });

  it('never offer a secret as an option’s value', () => {
    for (const name of ['HOLDFAST_REPOSITORY_KEY', 'HOLDFAST_IDENTITY'] as const) expect(settings[name].flags).toContain('-file <path>');
  });

  it.each(['postgres://me:hunter2@db/shop', 'postgres://db/shop?password=hunter2'])('refuse a password in an argument: %s', (address) => {
    const refusal = refusalOf(() => refuseSecretsInOptions({ HOLDFAST_SOURCE: address }));
    expect(refusal.message).toContain('holds a password');
    expect(JSON.stringify(refusal)).not.toContain('hunter2');
  });

  it('choose the language: option, variable, locale', () => {
    expect(readLanguage({ LANG: 'zh_CN.UTF-8' }, {})).toBe('zh');
    expect(readLanguage({ LANG: 'zh_CN.UTF-8', HOLDFAST_LANGUAGE: 'en' }, {})).toBe('en');
    expect(readLanguage({ HOLDFAST_LANGUAGE: 'en' }, { HOLDFAST_LANGUAGE: 'zh' })).toBe('zh');
  });
});
