import { type DrillCheck, type DrillCheckName, drillCheckNames, type DrillFinding } from '../../src/repository/drills/drill-report.ts';

const findingsAtMost = 100;
/** Findings are for people and travel in reports: names and messages may be of any length. */
const longestText = 500;

/** Counts what a drill compares, and keeps the first findings. */
export class DrillTally {
  readonly #counts = new Map<DrillCheckName, { compared: number; differing: number }>();
  readonly #findings: DrillFinding[] = [];

  /** So many things were compared, whatever came out. A check of nothing counts, too: with zero. */
  compared(check: DrillCheckName, things: number): void {
    this.#countOf(check).compared += things;
  }

  /** One of the things compared differs. */
  differs(finding: DrillFinding): void {
    this.#countOf(finding.check).differing += 1;
    if (this.#findings.length === findingsAtMost) return;
    const { object, expected, found } = finding;
    this.#findings.push({ ...finding, object: shorten(object), expected: shorten(expected), found: shorten(found) });
  }

  get checks(): readonly DrillCheck[] {
    return drillCheckNames.flatMap((name) => {
      const counts = this.#counts.get(name);
      return counts === undefined ? [] : [{ name, ...counts }];
    });
  }

  get findings(): readonly DrillFinding[] {
    return this.#findings;
  }

  #countOf(check: DrillCheckName): { compared: number; differing: number } {
    const counts = this.#counts.get(check) ?? { compared: 0, differing: 0 };
    this.#counts.set(check, counts);
    return counts;
  }
}

function shorten(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
}
