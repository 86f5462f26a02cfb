import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { password, startService, variants } from '../api/service-under-test.ts';
import { startBrowser } from '../support/browser.ts';

/** Pictures of the service's pages for the README, by a real browser. */
const under = await startService(variants[0]);
const browser = await startBrowser();
try {
  const { page } = browser;
  const { name } = await under.account('admin');
  // Until every check has a result to show.
  await sleep(2_000);
  await page.goto(`${under.url}/sign-in`);
  await page.locator('input[name=name]').fill(name);
  await page.locator('input[name=password]').fill(password);
  await page.locator('form button').click();
  await page.waitForURL(`${under.url}/`);
  await page.screenshot({ path: pathOf('service-home') });
  await page.goto(`${under.url}/backups/yesterday`);
  await page.screenshot({ path: pathOf('service-error') });
} finally {
  await browser.close();
  await under.close();
}

function pathOf(picture: string): string {
  return join(import.meta.dirname, '../../docs', `${picture}.png`);
}
