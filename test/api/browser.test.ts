import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startBrowser, type TestBrowser } from '../support/browser.ts';
import { password, type ServiceUnderTest, startService, variants } from './service-under-test.ts';

const languages = [
  { language: 'en', lang: 'en', titles: { 403: 'Access denied', 404: 'Not found', 500: 'Internal error' } },
  { language: 'zh-CN', lang: 'zh', titles: { 403: '拒绝访问', 404: '未找到', 500: '服务器内部错误' } },
] as const;
const looks = languages.flatMap((language) => (['light', 'dark'] as const).map((colours) => ({ ...language, colours })));

/** How far the text of an element stands out from what is behind it (WCAG 2.2, 1.4.3: 4.5 at least), for every element with text of its own. */
const contrasts = `[...document.querySelectorAll('body *')].filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '')).map((element) => {
  const rgb = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (colour) => rgb(colour).slice(0, 3).map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)).reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  let behind = element;
  while (rgb(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
  const [darker, brighter] = [luminance(getComputedStyle(element).color), luminance(getComputedStyle(behind).backgroundColor)].sort((a, b) => a - b);
  return { element: element.outerHTML.slice(0, 80), contrast: (brighter + 0.05) / (darker + 0.05) };
})`;

describe('in a real browser', () => {
  let folder: string;
  let under: ServiceUnderTest;
  let browser: TestBrowser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-browser-test-'));
    under = await startService(variants[0], { HOLDFAST_CATALOG: `sqlite://${join(folder, 'catalog.sqlite')}` });
  });
  afterAll(async () => {
    await under.close();
    await rm(folder, { recursive: true });
  });

  /** What the browser shows: nothing of it is out of reach of the eye, and nothing hurt a policy. */
  const expectSound = async (): Promise<void> => {
    expect(browser.complaints()).toEqual([]);
    const shown = await browser.page.evaluate<{ element: string; contrast: number }[]>(contrasts);
    expect(shown.length).toBeGreaterThan(2);
    expect(shown.filter(({ contrast }) => contrast < 4.5)).toEqual([]);
  };
  const open = async (path: string): Promise<number | undefined> => (await browser.page.goto(`${under.url}${path}`))?.status();
  const signIn = async (name: string, secret: string): Promise<void> => {
    await browser.page.locator('input[name=name]').fill(name);
    await browser.page.locator('input[name=password]').fill(secret);
    await browser.page.locator('form button').click();
  };
  /** By another process: two SQLite libraries in one undo each other's locks. */
  const change = async (statement: string): Promise<unknown> => promisify(execFile)('sqlite3', ['-cmd', '.timeout 5000', join(folder, 'catalog.sqlite'), statement]);
  /** While something is amiss in the database that nothing foresees. */
  const withoutSessions = async (work: () => Promise<void>): Promise<void> => {
    await change('ALTER TABLE session RENAME TO lost');
    try {
      await work();
    } finally {
      await change('ALTER TABLE lost RENAME TO session');
    }
  };

  describe.each(looks)('in $language and $colours', ({ language, lang, titles, colours }) => {
    beforeAll(async () => {
      browser = await startBrowser({ language, colours });
    });
    afterAll(async () => {
      await browser.close();
    });

    it('somebody signs in by the form, sees the start page, and signs out', async () => {
      const { name } = await under.account('admin');
      expect(await open('/')).toBe(200);
      expect(browser.page.url()).toBe(`${under.url}/sign-in`);
      await expectSound();
      await signIn(name, 'not the password');
      await browser.page.locator('[role=alert]').waitFor();
      await expectSound();
      await signIn(name, password);
      await browser.page.waitForURL(`${under.url}/`);
      expect(await browser.page.locator('main').innerText()).toContain(name);
      expect(await browser.page.locator('html').getAttribute('lang')).toBe(lang);
      await expectSound();
      expect(await open('/errors')).toBe(200);
      await expectSound();
      await open('/');
      await browser.page.locator('form button').click();
      await browser.page.waitForURL(`${under.url}/sign-in`);
      await open('/');
      expect(browser.page.url()).toBe(`${under.url}/sign-in`);
    });

    it('errors are pages that say what to do', async () => {
      const expectErrorPage = async (status: keyof typeof titles): Promise<void> => {
        expect(await browser.page.locator('.status').innerText()).toBe(String(status));
        expect(await browser.page.locator('h1').innerText()).toBe(titles[status]);
        expect(await browser.page.locator('.hint').innerText()).not.toBe('');
        await expectSound();
      };
      expect(await open('/nothing')).toBe(404);
      await expectErrorPage(404);
      await open('/sign-in');
      const { name } = await under.account('viewer');
      await signIn(name, password);
      await browser.page.waitForURL(`${under.url}/`);
      expect(await open('/api/v1/accounts')).toBe(403);
      await expectErrorPage(403);
      await withoutSessions(async () => {
        expect(await open('/')).toBe(500);
        await expectErrorPage(500);
      });
    });
  });

  it('what is smuggled into a page does nothing, and is seen by this test', async () => {
    browser = await startBrowser();
    try {
      await open('/sign-in');
      await browser.page.evaluate(`document.body.insertAdjacentHTML('beforeend', '<img src="https://evil.example/x.png" onerror="document.title = 1"><p style="color: red">')`);
      await browser.page.evaluate(`new Promise((resolve) => setTimeout(resolve, 100))`);
      const complaints = browser.complaints().join('\n');
      for (const directive of ['img-src', 'script-src-attr', 'style-src-attr']) expect(complaints).toContain(`policy violated: ${directive}`);
    } finally {
      await browser.close();
    }
  });
});
