import { type Language, languages } from '../text.ts';

/** No browser sends more; the rest of a longer header is not worth reading. */
const readCharacters = 200;

/**
 * The language that an Accept-Language header (RFC 9110 §12.5.4) prefers among ours: a range counts by its first subtag,
 * so that `zh-TW` is Chinese. English when none of ours is wanted, or nothing is said.
 */
export function acceptedLanguage(header: string | undefined): Language {
  if (header === undefined) return 'en';
  let best: { readonly language: Language; readonly quality: number } = { language: 'en', quality: 0 };
  for (const range of header.slice(0, readCharacters).split(',')) {
    const [tag = '', ...parameters] = range.split(';');
    const [prefix] = tag.trim().toLowerCase().split('-');
    const language = prefix === '*' ? 'en' : languages.find((candidate) => candidate === prefix);
    const quality = qualityOf(parameters);
    if (language !== undefined && quality > best.quality) best = { language, quality };
  }
  return best.language;
}

function qualityOf(parameters: readonly string[]): number {
  const given = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('q='));
  return given === undefined ? 1 : Number(given.slice(2)) || 0;
}
