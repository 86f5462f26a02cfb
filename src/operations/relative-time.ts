import { formatDuration } from './format.ts';
import { type Language, renderText, type Text } from './text.ts';

const texts = {
  ago: { en: '{age} ago', zh: '{age}前' },
  in: { en: 'in {age}', zh: '{age}后' },
} as const satisfies Record<string, Text>;

/** A time (ISO 8601) for people: `3 h 20 min ago`, `in 40 min 0 s`; nothing of one that is not known. */
export function relativeTime(time: string | undefined, { now, language }: { readonly now: Date; readonly language: Language }): string {
  if (time === undefined) return '';
  const milliseconds = Date.parse(time) - now.getTime();
  return renderText(milliseconds > 0 ? texts.in : texts.ago, language, { age: formatDuration(Math.abs(milliseconds)) });
}
