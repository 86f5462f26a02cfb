import { type Language, renderText, type Text } from '../../operations/text.ts';
import type { RetentionReason } from './retention.ts';

const texts = {
  newest: { en: 'the newest backup', zh: '最新的备份' },
  'newest-proven': { en: 'the newest proven backup', zh: '最新的已验证备份' },
  held: { en: 'held', zh: '已被保留锁定' },
  damaged: { en: 'damaged: no rule removes it, look at it', zh: '已损坏：规则不会移除，请检查' },
  future: { en: 'dated in the future: does not count', zh: '日期在未来：不计入' },
  'empty-policy': { en: 'the policy has no rule', zh: '策略没有任何规则' },
  last: { en: 'number {position} of the newest', zh: '最新的第 {position} 个' },
  hourly: { en: 'hour {bucket} (number {position})', zh: '{bucket} 时（第 {position} 个）' },
  daily: { en: 'day {bucket} (number {position})', zh: '{bucket} 日（第 {position} 个）' },
  weekly: { en: 'week {bucket} (number {position})', zh: '{bucket} 周（第 {position} 个）' },
  monthly: { en: 'month {bucket} (number {position})', zh: '{bucket} 月（第 {position} 个）' },
  yearly: { en: 'year {bucket} (number {position})', zh: '{bucket} 年（第 {position} 个）' },
  within: { en: 'close enough to the newest', zh: '与最新备份的间隔在期限内' },
  younger: { en: 'young enough', zh: '未超过期限' },
  'no-rule': { en: 'no rule keeps it', zh: '没有规则保留它' },
} as const satisfies Record<RetentionReason['code'], Text>;

/** A reason as a person reads it. */
export function describeReason(reason: RetentionReason, language: Language): string {
  return renderText(texts[reason.code], language, { ...reason });
}
