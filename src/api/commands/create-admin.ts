import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { createAccount, hasActiveAdmin } from '../../catalog/accounts.ts';
import { recordAudit } from '../../catalog/audit.ts';
import { createPasswordHasher } from '../../operations/passwords/password-hasher.ts';
import { openPasswordPolicy } from '../../operations/passwords/password-policy.ts';
import { renderText } from '../../operations/text.ts';
import { readServiceConfiguration } from '../configuration.ts';
import { serviceErrors } from '../service-errors.ts';
import { parseWords } from '../words.ts';
import type { Command, CommandContext } from './command.ts';
import { openCatalogOf } from './migrate.ts';

const texts = {
  password: { en: 'Password: ', zh: '密码：' },
  made: { en: 'Administrator {name} can sign in now.', zh: '管理员 {name} 现在可以登录。' },
};
const withinMs = 60_000;
const now = (): Date => new Date();

export const createAdminCommand: Command = {
  name: 'create-admin',
  usage: 'create-admin <name> [--further]',
  summary: { en: 'make the first administrator; the password is asked for, or read from standard input', zh: '创建首个管理员；密码从终端输入或标准输入读取' },
  async run(words, context) {
    const { values, positionals } = parseWords(words, { further: { type: 'boolean' } }, ['name']);
    const configuration = readServiceConfiguration(context.environment, { folder: context.folder });
    const catalog = await openCatalogOf(configuration);
    try {
      const waiting = { signal: AbortSignal.timeout(withinMs) };
      await catalog.migrate(waiting);
      if (values.further !== true && (await hasActiveAdmin({ catalog }, waiting))) throw serviceErrors.ADMIN_EXISTS({});
      const password = await readPassword(context);
      const dependencies = { catalog, passwords: createPasswordHasher(), policy: await openPasswordPolicy({ least: configuration.hardening.passwordMinimum }), now };
      const account = await createAccount(dependencies, { name: positionals[0] ?? '', password, role: 'admin' }, { signal: AbortSignal.timeout(withinMs) });
      const entry = { actor: { name: 'command' }, action: 'account.create', object: `account:${account.id}`, outcome: 'done', details: { role: 'admin' } } as const;
      await recordAudit({ catalog, now }, entry, { signal: AbortSignal.timeout(withinMs) });
      context.stdout.write(`${renderText(texts.made, context.language, { name: account.name })}\n`);
      return 0;
    } finally {
      await catalog.close();
    }
  },
};

/** Never an argument: those are seen by whoever lists processes. On a terminal it is not shown. */
async function readPassword({ stdin, stderr, language }: CommandContext): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => { done(); } });
  const isTerminal = stdin.isTTY === true;
  if (isTerminal) stderr.write(texts.password[language]);
  const lines = createInterface({ input: stdin, output: silent, terminal: isTerminal });
  try {
    for await (const line of lines) return line;
    return '';
  } finally {
    lines.close();
    if (isTerminal) stderr.write('\n');
  }
}
