import type { DrillReport } from '../../../src/repository/drills/drill-document.ts';
import { describeDrill, type DrillRecord, recordDrill } from '../../../src/repository/drills/record-drill.ts';
import type { ManifestHead } from '../../../src/repository/manifest/manifest.ts';
import type { Repository } from '../../../src/repository/repository.ts';
import { signal } from '../repository-fixture.ts';

const finding = { check: 'content', object: 'public.orders', part: 'ab'.repeat(32), expected: 'what was read', found: 'something else' } as const;
const measures = { restoredInto: 'PostgreSQL 18.1', tables: 2, rows: 7, bytes: 4096, restoreMs: 1200, checkMs: 300, checks: [{ name: 'content', compared: 2, differing: 0 }] } as const;

/** What drills of each outcome record. */
export const records = {
  passed: { outcome: 'passed', measures: { ...measures, checks: [...measures.checks] }, details: { findings: [], warnings: [] } },
  failed: { outcome: 'failed', measures: { ...measures, checks: [{ name: 'content', compared: 2, differing: 1 }] }, details: { findings: [finding], warnings: [] } },
  'could-not-run': { outcome: 'could-not-run', errorCode: 'EXTENSION_MISSING', details: { findings: [], warnings: [], error: { message: { en: 'no postgis', zh: '没有 postgis' }, hint: { en: 'install it', zh: '请安装' } } } },
} as const satisfies Record<DrillReport['outcome'], Partial<DrillRecord>>;

/** A page that holds what must not be readable in an encrypted repository. */
export const renderPage = ({ details }: DrillReport): string => `<!doctype html>${details.findings.map(({ object }) => object).join()}`;

/** Records a drill of the given outcome. */
export async function drill(repository: Repository, head: ManifestHead, outcome: DrillReport['outcome'], changes: Partial<DrillRecord> = {}): Promise<DrillReport> {
  const record: DrillRecord = { holdfastVersion: '0.1.0', startedAt: new Date('2026-03-02T00:00:00Z'), finishedAt: new Date('2026-03-02T00:00:02Z'), ...records[outcome], ...changes };
  return recordDrill(repository, describeDrill(repository, head, record), { renderPage, signal });
}
