import { type CaseResult, formatCase } from './case.ts';

const headings = ['fault', 'operation', 'cases', 'refused', 'killed', 'survived', 'unclear', 'FALSE', 'LOST', 'leftovers', 'codes'] as const;

/** Whether there were cases, and none told a falsehood, lost a backup or ended in a way that nobody can act on. */
export function isClean(results: readonly CaseResult[]): boolean {
  return results.length > 0 && results.every(({ outcome }) => outcome.falseSuccesses.length === 0 && outcome.lost.length === 0 && outcome.ended !== 'unclear');
}

/** One line for each kind of fault and operation, one for all, and below each case that is not clean, with what makes it so. */
export function formatTable(results: readonly CaseResult[]): string {
  const groups = Map.groupBy(results, ({ kind, operation }) => `${kind} ${operation}`);
  const rows = [...groups].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, ofGroup]) => row(ofGroup, ofGroup[0]?.kind ?? '', ofGroup[0]?.operation ?? ''));
  const lines = [headings, ...rows, row(results, 'all', '').slice(0, -1)];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const table = lines.map((line) => line.map((cell, column) => (column < 2 || column === headings.length - 1 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ').trimEnd());
  return [...table, ...results.flatMap(describeTrouble)].join('\n');
}

function row(results: readonly CaseResult[], kind: string, operation: string): string[] {
  const ended = (how: string) => String(results.filter(({ outcome }) => outcome.ended === how).length);
  const having = (what: 'falseSuccesses' | 'lost' | 'leftovers') => String(results.filter(({ outcome }) => outcome[what].length > 0).length);
  const codes = [...new Set(results.flatMap(({ outcome }) => (outcome.ended === 'refused' ? [outcome.code ?? ''] : [])))].toSorted();
  return [kind, operation, String(results.length), ended('refused'), ended('killed'), ended('survived'), ended('unclear'), having('falseSuccesses'), having('lost'), having('leftovers'), codes.join(' ')];
}

function describeTrouble(result: CaseResult): string[] {
  const { falseSuccesses, lost, leftovers, ended, code } = result.outcome;
  const lines = [
    ...(ended === 'unclear' ? [`  unclear: ${code ?? 'no error'}`] : []),
    ...falseSuccesses.map((text) => `  false success: ${text}`),
    ...lost.map((text) => `  lost: ${text}`),
    ...leftovers.map((text) => `  left: ${text}`),
  ];
  return lines.length > 0 ? [formatCase(result), ...lines] : [];
}
