import { describe, expect, it } from '@jest/globals';
import { languageOfLocale, renderText } from '../../src/operations/text.ts';

describe('renderText', () => {
  it('fills placeholders and leaves an unknown one visible', () => {
    expect(renderText({ en: '{a} and {b}', zh: '{a}和{b}' }, 'zh', { a: 1 })).toBe('1和{b}');
  });
});

describe('languageOfLocale', () => {
  it.each([
    [['zh_CN.UTF-8'], 'zh'],
    [['', undefined, 'zh'], 'zh'],
    [['en_US.UTF-8', 'zh_CN'], 'en'],
    [['C'], 'en'],
    [[], 'en'],
  ] as const)('takes the first locale that is set: %j → %s', (locales, language) => {
    expect(languageOfLocale(...locales)).toBe(language);
  });
});
