import type { Text } from '../../src/operations/text.ts';

/**
 * `error`: a backup would hold less than the database, or cannot be made: it is refused. `warning`: what a restore would not bring
 * back as it was, or not everywhere; the backup's head says it too. `info`: what is good to know before a restore.
 */
export const findingLevels = ['error', 'warning', 'info'] as const;
export type FindingLevel = (typeof findingLevels)[number];

export interface PreflightFinding {
  /** Stable, UPPER_SNAKE. */
  readonly code: string;
  readonly level: FindingLevel;
  /** What it is and what to do. */
  readonly message: Text;
  /** What it is about: the first ten, and how many there are. */
  readonly names: readonly string[];
  readonly count: number;
}

/** What stands in the way of a backup of a source, and of its restore. */
export interface PreflightReport {
  /** The program that holds the source: `PostgreSQL 17.4`, `SQLite 3.50.4`. */
  readonly server: string;
  /** Errors first. */
  readonly findings: readonly PreflightFinding[];
}

/** Names that a finding shows. */
export const namesShown = 10;

/** The first names, for a message. */
export function showNames(names: readonly string[], count: number): string {
  return count > names.length ? `${names.join(', ')}, …` : names.join(', ');
}

export function sortFindings(findings: readonly PreflightFinding[]): PreflightFinding[] {
  return findings.toSorted((one, other) => findingLevels.indexOf(one.level) - findingLevels.indexOf(other.level));
}
