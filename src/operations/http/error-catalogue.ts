import type { ErrorDefinition } from '../errors.ts';
import type { Text } from '../text.ts';

/** A family as the catalogue lists it. */
export interface CataloguedFamily {
  readonly area: Text;
  readonly definitions: Readonly<Record<string, ErrorDefinition>>;
}

export interface CatalogueRow extends ErrorDefinition {
  readonly code: string;
}

export interface CatalogueArea {
  readonly area: Text;
  readonly rows: readonly CatalogueRow[];
}

/** All errors of the families, by area and code. */
export function errorCatalogue(families: readonly CataloguedFamily[]): readonly CatalogueArea[] {
  return families.map(({ area, definitions }) => ({
    area,
    rows: Object.entries(definitions)
      .map(([code, definition]) => ({ code, ...definition }))
      .toSorted((a, b) => (a.code < b.code ? -1 : 1)),
  }));
}

/** The catalogue as Markdown, both languages side by side. */
export function catalogueMarkdown(catalogue: readonly CatalogueArea[]): string {
  return catalogue.map(areaMarkdown).join('\n');
}

function areaMarkdown({ area, rows }: CatalogueArea): string {
  const lines = rows.map(({ code, status, category, retryable, message, hint }) => {
    const cells = [`\`${code}\``, status, `${category}${retryable ? ', retryable' : ''}`, bothLanguages(message), bothLanguages(hint)];
    return `| ${cells.join(' | ')} |`;
  });
  return `## ${[...new Set(Object.values(area))].join(' · ')}\n\n| code | status | category | meaning · 含义 | what to do · 处理办法 |\n|---|---|---|---|---|\n${lines.join('\n')}\n`;
}

function bothLanguages(text: Text): string {
  return `${markdownCell(text.en)}<br>${markdownCell(text.zh)}`;
}

function markdownCell(text: string): string {
  return text.replaceAll('|', String.raw`\|`).replaceAll('<', '&lt;').replaceAll('\n', ' ');
}
