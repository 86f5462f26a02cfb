import { createHash } from 'node:crypto';
import { newBackupId } from '../backups/backup-run.ts';
import { timeOfId } from '../manifest/heads.ts';
import type { BackupId, ManifestHead } from '../manifest/manifest.ts';
import { drillKey, drillPageKey, type PageEnding } from '../manifest/object-keys.ts';
import { writeSealed } from '../manifest/sealed-document.ts';
import type { Repository } from '../repository.ts';
import { putOnce } from '../stores/conditional-put.ts';
import { drillFormat, type DrillReport } from './drill-document.ts';
import { encryptReport } from './drill-encryption.ts';
import { findLastDrill, listDrillObjects } from './read-drills.ts';

/** What a drill found out; the repository adds what binds it to the backup. */
export type DrillRecord = Pick<DrillReport, 'outcome' | 'holdfastVersion' | 'measures' | 'errorCode' | 'details'> & {
  readonly startedAt: Date;
  readonly finishedAt: Date;
};

interface RecordOptions {
  /** The report as a page of HTML. */
  readonly renderPage: (report: DrillReport) => string;
  readonly signal: AbortSignal;
}

export type UnnamedDrillReport = Omit<DrillReport, 'drill'>;

/** More than a person reads of one value; what is longer is cut, so that a report is small whatever the rows are. */
const longestText = 500;

/** A drill's report, bound to its backup; what is longer than people read is cut. Not recorded yet, so without a name. */
export function describeDrill(repository: Repository, head: ManifestHead, record: DrillRecord): UnnamedDrillReport {
  const { measures, errorCode, details } = record;
  const findings = details.findings.map((finding) => ({ ...finding, object: shorten(finding.object), expected: shorten(finding.expected), found: shorten(finding.found) }));
  return {
    format: drillFormat,
    repository: repository.id,
    source: head.source,
    id: head.id,
    backupSeal: head.seal,
    outcome: record.outcome,
    findings: findings.length,
    engine: head.engine,
    holdfastVersion: record.holdfastVersion,
    startedAt: record.startedAt.toISOString(),
    finishedAt: record.finishedAt.toISOString(),
    stateAt: head.stateAt,
    ageMs: record.startedAt.getTime() - Date.parse(head.stateAt),
    ...(measures && { measures }),
    ...(errorCode !== undefined && { errorCode }),
    details: { ...details, findings },
  };
}

/**
 * Stores a report for good, under a name that sorts after those recorded before: first the page, then the sealed document that
 * vouches for it. On return both are durable. Throws the store's errors and RECIPIENT_MISSING; what was stored until then
 * counts for nothing and is swept with the backup.
 */
export async function recordDrill(repository: Repository, unnamed: UnnamedDrillReport, { renderPage, signal }: RecordOptions): Promise<DrillReport> {
  const report = { ...unnamed, drill: await nextDrillId(repository, unnamed, signal) };
  const { store, encryption } = repository;
  const plain = Buffer.from(renderPage(report));
  const ending: PageEnding = encryption.kind === 'none' ? 'html' : 'html.age';
  const page = encryption.kind === 'none' ? plain : encryptReport(plain, encryption);
  await store.put(drillPageKey(report, ending), page, { signal });
  await store.flush({ signal });
  const details = encryption.kind === 'none' ? report.details : encryptReport(Buffer.from(JSON.stringify(report.details)), encryption).toString('base64');
  const sha256 = createHash('sha256').update(page).digest('hex');
  const document = { ...report, details, page: { ending, size: page.length, sha256 } };
  await putOnce(repository, drillKey(report), writeSealed(document, encryption), { signal });
  return report;
}

/** By the store's clock, whichever machine ran the drill; later than the last one even within a second, or where the clock went back. */
async function nextDrillId(repository: Repository, { source, id, backupSeal }: UnnamedDrillReport, signal: AbortSignal): Promise<BackupId> {
  const objects = await listDrillObjects(repository, { source, id, signal });
  const last = await findLastDrill(repository, { seal: backupSeal }, { objects, accepts: () => true, signal });
  const now = await repository.store.now({ signal });
  const earliest = last ? timeOfId(last.drill).getTime() + 1000 : 0;
  return newBackupId(new Date(Math.max(now.getTime(), earliest)));
}

function shorten(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
}
