import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

interface BrowserOptions {
  /** `en`, `zh-CN`: what it asks pages for. */
  readonly language?: string;
  readonly colours?: 'light' | 'dark';
  /** Where names lead, in Chromium's words: `MAP example.com:443 127.0.0.1:8443`. */
  readonly hostRules?: string;
}

export interface TestBrowser {
  readonly page: Page;
  cookies: BrowserContext['cookies'];
  /** What its pages wrote as an error or a warning, and every violation of their policies, since it was last asked. */
  complaints(): string[];
  close(): Promise<void>;
}

const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** Policies are enforced without a word in some cases; the event comes in all. */
const tellViolations = `document.addEventListener('securitypolicyviolation', (event) => {
  console.error('policy violated: ' + event.effectiveDirective + ' by ' + (event.blockedURI || 'the page'));
});`;

/** Of a page that is answered with an error, Chromium says so as an error of that page. */
const ownStatus = /^Failed to load resource: the server responded with a status of \d+ .* at (.*)$/;

/** A real Chromium without a window, with a profile of its own. Takes any certificate. */
export async function startBrowser({ language = 'en', colours = 'light', hostRules }: BrowserOptions = {}): Promise<TestBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-browser-'));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: [...flags, ...(hostRules === undefined ? [] : [`--host-resolver-rules=${hostRules}`])],
    locale: language,
    colorScheme: colours,
    viewport: { width: 900, height: 600 },
    ignoreHTTPSErrors: true,
  });
  await context.addInitScript({ content: tellViolations });
  const page = context.pages()[0] ?? (await context.newPage());
  let complaints: string[] = [];
  page.on('console', (message) => {
    const said = `${message.text()} at ${message.location().url}`;
    if (['error', 'warning'].includes(message.type()) && ownStatus.exec(said)?.[1] !== page.url()) complaints.push(said);
  });
  page.on('pageerror', (error) => { complaints.push(error.message); });
  page.setDefaultTimeout(20_000);
  return {
    page,
    cookies: async (urls) => context.cookies(urls),
    complaints: () => {
      const since = complaints;
      complaints = [];
      return since;
    },
    close: async () => {
      await context.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}
