import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { chartFolder } from './chart.ts';

export const readmeFile = join(chartFolder, 'README.md');

const begin = '<!-- values: written by `npm run docs:chart` -->';
const end = '<!-- end of values -->';

/** The chart's README with the table of values that values.yaml's comments (`# -- …`) make, as helm-docs writes it. */
export function withValuesTable(readme: string, valuesText: string): string {
  const rows = describedValues(valuesText).map(({ key, type, value, description }) => `| ${key} | ${type} | \`${JSON.stringify(value)}\` | ${description} |`);
  const table = ['| Key | Type | Default | Description |', '|-----|------|---------|-------------|', ...rows].join('\n');
  return readme.replace(new RegExp(`${begin}[^]*${end}`), () => `${begin}\n${table}\n${end}`);
}

export interface DescribedValue {
  readonly key: string;
  readonly type: string;
  readonly value: unknown;
  readonly description: string;
}

/** Every value that has a comment `# -- …` right above it, in the order of the file. */
export function describedValues(text: string): DescribedValue[] {
  const values = load(text);
  const path: { readonly indent: number; readonly name: string }[] = [];
  let description: string | undefined;
  return text.split('\n').flatMap((line): DescribedValue[] => {
    const comment = /^ *# -- (.*)$/.exec(line)?.[1];
    const [, spaces = '', name] = /^( *)([A-Za-z][A-Za-z0-9]*):/.exec(line) ?? [];
    if (comment !== undefined) description = comment;
    if (name === undefined) return [];
    while ((path.at(-1)?.indent ?? -1) >= spaces.length) path.pop();
    path.push({ indent: spaces.length, name });
    if (description === undefined) return [];
    const names = path.map((step) => step.name);
    const value = names.reduce<unknown>((inside, step) => (inside as Record<string, unknown>)[step], values);
    const described = { key: names.join('.'), type: typeOf(value), value, description };
    description = undefined;
    return [described];
  });
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  if (value === null) return 'nil';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'number' ? 'int' : typeof value;
}

export function readValuesText(): string {
  return readFileSync(join(chartFolder, 'values.yaml'), 'utf8');
}
