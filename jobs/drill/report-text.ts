import { formatBytes, formatDuration } from '../../src/operations/format.ts';
import { type Language, renderText, type Text } from '../../src/operations/text.ts';
import type { DrillReport } from '../../src/repository/drills/drill-document.ts';
import type { UnnamedDrillReport } from '../../src/repository/drills/record-drill.ts';
import { checkTexts } from './report-texts.ts';

/** As many findings as a person reads in a terminal; the page has all. */
const findingsShown = 10;

const sentences = {
  passed: {
    en: 'Backup {id} of {source} is proven: {size} in {tables} tables restored in {restore}, compared in {check}; the data is {age} old.',
    zh: '{source} 的备份 {id} 已验证：{tables} 张表共 {size}，恢复用时 {restore}，对比用时 {check}；数据时龄 {age}。',
  },
  failed: {
    en: 'Backup {id} of {source} FAILED its drill: {size} in {tables} tables restored in {restore}, compared in {check}; the data is {age} old.',
    zh: '{source} 的备份 {id} 未通过演练：{tables} 张表共 {size}，恢复用时 {restore}，对比用时 {check}；数据时龄 {age}。',
  },
  broken: { en: 'Backup {id} of {source} FAILED its drill: it cannot be restored.', zh: '{source} 的备份 {id} 未通过演练：无法恢复。' },
  compared: { en: 'Compared: {checks}.', zh: '已对比：{checks}。' },
  finding: { en: '{check} of {object}: expected {expected}, found {found}', zh: '{object} 的{check}：应为 {expected}，实为 {found}' },
  more: { en: '… and {count} more', zh: '……另有 {count} 项' },
} as const satisfies Record<string, Text>;

/** A drill that came to a verdict, in sentences for a terminal. */
export function describeReport(report: UnnamedDrillReport, language: Language): string[] {
  const { id, source, measures, ageMs, details } = report;
  const say = (text: Text, values: Record<string, string | number>) => renderText(text, language, values);
  const sentence = report.outcome === 'passed' ? sentences.passed : measures ? sentences.failed : sentences.broken;
  const numbers = measures && { size: formatBytes(measures.bytes), tables: measures.tables, restore: formatDuration(measures.restoreMs), check: formatDuration(measures.checkMs) };
  const findings = details.findings.slice(0, findingsShown).map(({ check, object, expected, found }) =>
    say(sentences.finding, { check: checkTexts[check].name[language], object: printable(object), expected: printable(expected), found: printable(found) }),
  );
  const rest = details.findings.length - findings.length;
  return [
    say(sentence, { id, source, age: formatDuration(Math.max(0, ageMs)), ...numbers }),
    ...(measures ? [say(sentences.compared, { checks: measures.checks.map(({ name, compared }) => `${checkTexts[name].name[language]} ${compared}`).join(', ') })] : []),
    ...findings.map((finding) => `- ${finding}`),
    ...(rest > 0 ? [`- ${say(sentences.more, { count: rest })}`] : []),
    ...details.warnings.map((warning) => `! ${warning[language]}`),
  ];
}

/** Names and values of a database may hold anything, a terminal's control sequences too. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (character) => JSON.stringify(character).slice(1, -1));
}

/** A report as programs read it. */
export function reportResult(report: UnnamedDrillReport & Partial<Pick<DrillReport, 'drill'>>, language: Language): Record<string, unknown> {
  const { id, source, drill, outcome, startedAt, finishedAt, stateAt, ageMs, measures, errorCode, details } = report;
  const { checks, ...numbers } = measures ?? {};
  const reason = details.error && { code: errorCode, message: details.error.message[language], hint: details.error.hint[language] };
  return { id, source, drill, outcome, startedAt, finishedAt, stateAt, ageMs, ...numbers, reason, checks, findings: details.findings, warnings: details.warnings.map((warning) => warning[language]) };
}
