import { type Language, renderText, type Text } from '../../text.ts';
import { type Finding, isSafe } from './run-self-check.ts';

const texts = {
  error: { en: 'error', zh: '错误' },
  warning: { en: 'warning', zh: '警告' },
  silenced: { en: 'accepted: {reason}', zh: '已接受：{reason}' },
  safe: { en: 'Nothing unsafe was found.', zh: '未发现不安全之处。' },
  unsafe: { en: 'Errors: {errors}, warnings: {warnings}, accepted: {accepted}.', zh: '错误：{errors}，警告：{warnings}，已接受：{accepted}。' },
} satisfies Record<string, Text>;

/** The findings for people: a paragraph each, then the sum. Ends with a line break. */
export function findingsText(findings: readonly Finding[], language: Language): string {
  const paragraphs = findings.map(({ id, level, message, hint, silenced }) => {
    const advice = silenced === undefined ? hint[language] : renderText(texts.silenced, language, { reason: silenced });
    return `${id} ${texts[level][language]}: ${message[language]}\n     ${advice}\n`;
  });
  const open = findings.filter(({ silenced }) => silenced === undefined);
  const errors = open.filter(({ level }) => level === 'error').length;
  const counts = { errors, warnings: open.length - errors, accepted: findings.length - open.length };
  const sum = findings.length === 0 ? texts.safe[language] : renderText(texts.unsafe, language, counts);
  return [...paragraphs, `${sum}\n`].join('\n');
}

/** The findings for programs, texts in one language: `{"safe":false,"findings":[{"id","level","message","hint","silenced"?}]}`. */
export function findingsJson(findings: readonly Finding[], language: Language): { safe: boolean; findings: object[] } {
  return {
    safe: isSafe(findings),
    findings: findings.map((finding) => ({ ...finding, message: finding.message[language], hint: finding.hint[language] })),
  };
}
