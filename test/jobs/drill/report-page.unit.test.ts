import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { renderReportPage } from '../../../jobs/drill/report-page.ts';
import { languages } from '../../../src/operations/text.ts';
import type { DrillReport } from '../../../src/repository/drills/drill-document.ts';
import { drillCheckNames, drillOutcomes } from '../../../src/repository/drills/drill-report.ts';

const report: DrillReport = {
  format: 1,
  repository: 'f5a50de0-f91a-4dc5-9bcc-b06ac2f975e9',
  source: 'shop',
  id: '20260116T180445Z-a1b2c3',
  backupSeal: `hmac-sha256:${'0'.repeat(64)}`,
  drill: '20260117T000003Z-d4e5f6',
  outcome: 'passed',
  findings: 0,
  engine: 'postgres',
  holdfastVersion: '0.1.0',
  startedAt: '2026-01-17T00:00:00.000Z',
  finishedAt: '2026-01-17T00:00:03.000Z',
  stateAt: '2026-01-16T18:04:46.000Z',
  ageMs: 21_314_000,
  measures: { restoredInto: 'PostgreSQL 18.1', tables: 3, rows: 1_204_551, bytes: 5_000_000, restoreMs: 41_000, checkMs: 900, checks: drillCheckNames.map((name) => ({ name, compared: 3, differing: 0 })) },
  details: { findings: [], warnings: [{ en: 'an extension is newer here', zh: '此处扩展版本较新' }] },
};
const hostile = `"<script>alert(1)</script><img src=x onerror='alert(2)'>&amp;\u202Egnp.\u0007`;
const finding = { check: 'content', object: `public.${hostile}`, part: 'ab'.repeat(32), expected: hostile, found: hostile } as const;
const failed: DrillReport = { ...report, outcome: 'failed', findings: 1, details: { findings: [finding], warnings: [{ en: hostile, zh: hostile }], error: { message: { en: hostile, zh: hostile }, hint: { en: hostile, zh: hostile } } } };

describe('the page of a drill', () => {
  it('says the outcome first, then times, age, what was compared and where', () => {
    const page = renderReportPage(report, 'en');
    const told = ['This backup restores to exactly what was backed up.', 'PostgreSQL 18.1', '41 s', '5 h 55 min', '2026-01-16 18:04:46 UTC', '1,204,551 rows', 'Large objects', 'an extension is newer here', report.backupSeal, `drills/shop/${report.id}/${report.drill}.json`];
    const places = told.map((text) => page.indexOf(text, page.indexOf('<main')));
    expect(places.filter((place) => place < 0)).toEqual([]);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
  });

  it('lets no name and no value of the database become markup, or hide', () => {
    for (const language of languages) {
      const page = renderReportPage(failed, language);
      expect(page).toContain('public.&quot;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&#39;alert(2)&#39;&gt;&amp;amp;\\u{202e}gnp.\\u{7}');
      expect(page.replaceAll('\n', '')).not.toMatch(/<script|<img|\p{Cc}|\p{Cf}/u);
    }
  });

  it('loads nothing and runs nothing: its policy allows its own style and no more', () => {
    const page = renderReportPage(report, 'en');
    const [, style = ''] = /<style>(.*?)<\/style>/s.exec(page) ?? [];
    expect(page).toContain(`content="default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(page).not.toMatch(/ style=| href=| src=|url\(|@import/);
  });

  it('does not blame the backup where only assertions do not hold', () => {
    const page = renderReportPage({ ...failed, measures: { ...report.measures, checks: [{ name: 'content', compared: 3, differing: 0 }, { name: 'assertions', compared: 2, differing: 1 }] } as DrillReport['measures'] }, 'en');
    expect(page).toContain('<h1>This backup restores to exactly what was backed up, but not all of your assertions hold on it.</h1>');
  });

  it('says how many differences are not listed', () => {
    const checks = [{ name: 'content' as const, compared: 900, differing: 700 }];
    const page = renderReportPage({ ...failed, measures: { ...report.measures, checks } as DrillReport['measures'] }, 'en');
    expect(page).toContain('The first 1 are listed');
  });

  it('speaks of every outcome in every language, and of a drill that came to no end or to no name', () => {
    const { measures: _, drill: __, ...broken } = failed;
    const titles = languages.flatMap((language) => drillOutcomes.map((outcome) => /<h1>(.+)<\/h1>/.exec(renderReportPage({ ...broken, outcome }, language))?.[1]));
    expect(new Set(titles).size).toBe(6);
    expect(renderReportPage({ ...broken, outcome: 'could-not-run' }, 'zh')).toContain('未记录到仓库');
  });
});
