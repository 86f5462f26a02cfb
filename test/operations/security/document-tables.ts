import { defaultsOf, hardeningTable } from '../../../src/operations/security/hardening.ts';
import { deployChecks } from '../../../src/operations/security/self-check/deploy-checks.ts';
import { levelOf } from '../../../src/operations/security/self-check/run-self-check.ts';

/** The development and production table as docs/security.md shows it. */
export function hardeningRows(): string {
  const [development, production] = [defaultsOf('development'), defaultsOf('production')];
  const rows = Object.entries(hardeningTable).map(([setting, { meaning }]) => {
    const key = setting as keyof typeof hardeningTable;
    return [meaning.en, shown(development[key]), shown(production[key])];
  });
  return table(['', 'development', 'production'], rows);
}

/** The checks as docs/deployment-checklist.md lists them. */
export function checkRows(): string {
  const rows = deployChecks.map((check) => [check.id, levelOf(check), check.message.en, check.hint.en, check.django?.join(', ') ?? '']);
  return table(['id', 'level', 'what is found', 'what to do', "Django's"], rows);
}

function shown(value: boolean | number | readonly string[]): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'number') return String(value);
  return value.length === 0 ? 'none' : value.map((item) => `\`${item}\``).join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |');
}
