/** The languages that people read Holdfast in. */
export const languages = ['en', 'zh'] as const;
export type Language = (typeof languages)[number];

/** One user-visible text in every language. `{name}` stands for a value given when the text is rendered. */
export type Text = Readonly<Record<Language, string>>;

/** Whether a value is a text: all languages and nothing else. */
export function isText(value: object): value is Text {
  return Object.keys(value).length === languages.length && languages.every((language) => typeof (value as Record<string, unknown>)[language] === 'string');
}

/** The names of the placeholders in a template: `'no {what} in {where}'` → `'what' | 'where'`. */
export type Placeholders<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** What stands in a text's place: the same in every language, or a text itself. */
export type TextValue = string | number | Text;
export type TextValues = Readonly<Record<string, TextValue>>;

/** Renders a text in one language. A placeholder without a value stays visible, so that a mistake shows. */
export function renderText(text: Text, language: Language, values: TextValues = {}): string {
  return text[language].replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name] ?? whole;
    return typeof value === 'object' ? value[language] : String(value);
  });
}

/** Fills a text's placeholders in every language: what is kept, such as a manifest's warnings, can be read in any. */
export function fillText(text: Text, values: TextValues): Text {
  return Object.fromEntries(languages.map((language) => [language, renderText(text, language, values)])) as Record<Language, string>;
}

/** Several texts as one, such as the items of a list. */
export function joinTexts(texts: readonly Text[], separator: string): Text {
  return Object.fromEntries(languages.map((language) => [language, texts.map((text) => text[language]).join(separator)])) as Record<Language, string>;
}

/** Picks the language from POSIX locale values in order of precedence, such as `LC_ALL`, `LC_MESSAGES`, `LANG`. */
export function languageOfLocale(...locales: readonly (string | undefined)[]): Language {
  const locale = locales.find((candidate) => candidate !== undefined && candidate !== '');
  return locale?.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}
