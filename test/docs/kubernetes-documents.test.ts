import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { load, loadAll } from 'js-yaml';
import { kinds, type KindName } from '../../src/kubernetes/resources/kinds.ts';
import { apiVersion } from '../../src/kubernetes/resources/names.ts';
import { parseCommandLine } from '../../src/plugin/command-line.ts';
import { backupCommand } from '../../src/plugin/commands/backup.ts';
import { drillCommand } from '../../src/plugin/commands/drill.ts';
import { logsCommand } from '../../src/plugin/commands/logs.ts';
import { restoreCommand } from '../../src/plugin/commands/restore.ts';
import { statusCommand } from '../../src/plugin/commands/status.ts';
import { chartFolder, renderChart } from '../charts/chart.ts';

const root = join(import.meta.dirname, '../..');
const pages = ['README.md', 'docs/architecture.md', ...readdirSync(join(root, 'docs/kubernetes')).map((name) => `docs/kubernetes/${name}`)];
const read = (page: string): string => readFileSync(join(root, page), 'utf8');

/** Code blocks of a language, of all pages, with the page's name. */
function blocks(language: string): [page: string, block: string][] {
  return pages.flatMap((page) => [...read(page).matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, block = '']): [string, string] => [page, block]));
}

interface Written {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: unknown;
}

const isValues = (block: string): boolean => block.startsWith('# values');
const resources = blocks('yaml')
  .filter(([, block]) => !isValues(block))
  .flatMap(([page, block]) => (loadAll(block) as Written[]).filter((object) => object.apiVersion === apiVersion).map((object) => [page, object.kind, object] as const));

describe('the pages on Kubernetes', () => {
  it.each(pages)('%s links to what is there', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([]);
  });

  it.each(resources)('%s: the %s is one that the definitions take', (_, kind, { spec }) => {
    expect(() => kinds[kind as KindName].spec.parse(spec)).not.toThrow();
  });

  it.each(blocks('yaml').filter(([, block]) => isValues(block)))('%s: the chart takes these values', async (_, block) => {
    expect((await renderChart({ values: load(block) as object })).length).toBeGreaterThan(0);
  });

  const pluginLines = blocks('sh').flatMap(([page, block]) => [...block.matchAll(/^kubectl holdfast ([^#\n]*)/gm)].map(([, line = '']) => [page, line.trim()] as const));

  it.each(pluginLines)('%s: the plugin knows `kubectl holdfast %s`', (_, line) => {
    expect(parseCommandLine([statusCommand, backupCommand, restoreCommand, drillCommand, logsCommand], line.split(/\s+/))).toMatchObject({ help: false });
  });

  it('name errors that there are', () => {
    const known = read('docs/errors.md');
    const variables = /^(HOLDFAST|AWS|TEST|POSTGRES_MAJORS|NODE_IMAGE|COPY)/;
    const named = pages.flatMap((page) => [...read(page).matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, code = '']) => code)).filter((code) => !variables.test(code));
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((code) => !known.includes(`\`${code}\``))).toEqual([]);
  });

  it('name values that the chart has', () => {
    const values = load(readFileSync(join(chartFolder, 'values.yaml'), 'utf8')) as Record<string, unknown>;
    // `jobs` is a field of resources as well, and the entries of maps have names of the reader's own.
    const sections = Object.keys(values).filter((name) => !['jobs', 'repositories', 'schedules', 'claims', 'serviceAccounts'].includes(name)).join('|');
    const named = pages.flatMap((page) => [...read(page).matchAll(new RegExp(`(?:\`|--set )((?:${sections})(?:\\.\\w+)+)`, 'g'))].map(([, path = '']) => path));
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((path) => path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], values) === undefined)).toEqual([]);
  });

  it('are all listed', () => {
    const list = read('docs/kubernetes/README.md');
    expect(pages.filter((page) => page.startsWith('docs/kubernetes/') && !page.endsWith('README.md') && !list.includes(`(${page.split('/').at(-1)})`))).toEqual([]);
  });
});
