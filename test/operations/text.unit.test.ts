import { describe, expect, it } from '@jest/globals';
import { joinTexts, languageOfLocale, renderText } from '../../src/operations/text.ts';

describe('renderText', () => {
  it('fills placeholders and leaves an unknown one visible', () => {
    expect(renderText({ en: '{a} and {b}', zh: '{a}和{b}' }, 'zh', { a: 1 })).toBe('1和{b}');
  });

  it('puts a text into a text, and several into a list, in the reader’s language', () => {
    const [one, two] = [{ en: 'one', zh: '一' }, { en: 'two', zh: '二' }];
    const list = { en: 'found: {list}', zh: '发现：{list}' };
    expect(renderText(list, 'en', { list: joinTexts([one, two], '; ') })).toBe('found: one; two');
    expect(renderText(list, 'zh', { list: joinTexts([one, two], '; ') })).toBe('发现：一; 二');
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
