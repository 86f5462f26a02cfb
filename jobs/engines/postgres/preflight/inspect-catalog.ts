import type { ClientBase } from 'pg';
import { joinTexts, type Text } from '../../../../src/operations/text.ts';
import { namesShown, type PreflightFinding } from '../../preflight.ts';
import { postgresErrors } from '../postgres-errors.ts';
import { type CatalogCheck, catalogChecks } from './catalog-checks.ts';
import { toFinding } from './relation-findings.ts';
import { findSearchPathNeeds } from './search-path-findings.ts';

/**
 * What the catalogs tell, besides relations (`findInRelations`), of what a backup would not hold or a restore not bring back. Runs no
 * code of users, and waits for no lock. A backup asks for errors and warnings only.
 */
export async function inspectCatalog(client: ClientBase, { withInfo }: { readonly withInfo: boolean }): Promise<PreflightFinding[]> {
  const findings: PreflightFinding[] = [];
  for (const check of catalogChecks) {
    if (withInfo || check.level !== 'info') findings.push(...(await runCheck(client, check)));
  }
  return [...findings, ...(await findSearchPathNeeds(client))];
}

async function runCheck(client: ClientBase, check: CatalogCheck): Promise<PreflightFinding[]> {
  const { rows } = await client.query<{ name: string; count: number }>(
    `SELECT found.name, pg_catalog.count(*) OVER ()::int AS count FROM (${check.sql}) AS found ORDER BY found.name COLLATE "C" LIMIT ${namesShown}`,
  );
  return toFinding(check, rows.map(({ name }) => name), rows[0]?.count ?? 0);
}

/** Throws SOURCE_NOT_COVERED with every error at once. */
export function refuseUncovered(findings: readonly PreflightFinding[], source: string): void {
  const errors = findings.filter(({ level }) => level === 'error');
  if (errors.length > 0) throw postgresErrors.SOURCE_NOT_COVERED({ source, problems: joinTexts(errors.map(({ message }) => message), ' ') });
}

/** What the backup's reader should know. */
export function warningsOf(findings: readonly PreflightFinding[]): Text[] {
  return findings.filter(({ level }) => level === 'warning').map(({ message }) => message);
}
