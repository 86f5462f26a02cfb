import { z } from 'zod';
import { defineErrorFamily } from '../../src/operations/errors.ts';
import { renderText } from '../../src/operations/text.ts';
import { engineOf } from '../addresses.ts';
import { findingLevels } from '../engines/preflight.ts';
import { requireSetting } from '../repository-access.ts';
import { defineCommand } from './command.ts';

export const preflightErrors = defineErrorFamily({
  PREFLIGHT_FAILED: {
    category: 'source',
    status: 502,
    retryable: false,
    message: { en: '{source} cannot be backed up as it is: {count} errors', zh: '{source} 目前无法备份：{count} 个错误' },
    hint: { en: 'Each line above that begins with "error" says what to do; docs/guards.md explains more.', zh: '上面每个以“错误”开头的行都说明了处理办法；详见 docs/guards.md。' },
  },
});

const levelTexts = {
  error: { en: 'error', zh: '错误' },
  warning: { en: 'warning', zh: '警告' },
  info: { en: 'info', zh: '提示' },
} as const;

export const preflightCommand = defineCommand({
  name: 'preflight',
  summary: { en: 'tell what stands in the way of a backup of a database, or of its restore', zh: '说明妨碍备份或恢复某数据库的问题' },
  arguments: [],
  options: [],
  settings: ['HOLDFAST_SOURCE', 'HOLDFAST_POSTGRES_BIN'],
  input: z.strictObject({}),
  async run(context) {
    const address = requireSetting(context, 'HOLDFAST_SOURCE');
    const engine = engineOf(context.engines, address);
    const source = engine.describe(address);
    const { server, findings } = await engine.preflight(context, address);
    const counts = Object.fromEntries(findingLevels.map((level) => [level, findings.filter((finding) => finding.level === level).length])) as Record<(typeof findingLevels)[number], number>;
    const lines = findings.map(({ level, code, message }) => `${renderText(levelTexts[level], context.language)}  ${code}: ${message[context.language]}`);
    const summary = renderText(
      { en: '{source} ({server}): {error} errors, {warning} warnings, {info} remarks.', zh: '{source}（{server}）：{error} 个错误、{warning} 个警告、{info} 个提示。' },
      context.language,
      { source, server, ...counts },
    );
    return {
      result: { source, server, counts, findings: findings.map((finding) => ({ ...finding, message: finding.message[context.language] })) },
      text: [...lines, summary].join('\n'),
      ...(counts.error > 0 && { failure: preflightErrors.PREFLIGHT_FAILED({ source, count: counts.error }) }),
    };
  },
});
