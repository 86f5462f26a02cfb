import { createHash } from 'node:crypto';
import { type Html, html } from '../html.ts';
import type { Language } from '../text.ts';
import { pageStyle } from './page-style.ts';

export interface Page {
  readonly title: string;
  readonly language: Language;
  readonly content: Html;
}

/** A whole page that needs nothing else: its style is in it, and it runs nothing. */
export function renderPage({ title, language, content }: Page): string {
  const body = html`<title>${title}</title>
</head>
<body>
${content}
</body>
</html>
`;
  // The style is ours and holds quotes: it is the one thing that must not be escaped.
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>${pageStyle}</style>
${body.toString()}`;
}

/** The page style as a source of a policy's `style-src`: `'sha256-…'`. */
export function pageStyleSource(): string {
  return `'sha256-${createHash('sha256').update(pageStyle).digest('base64')}'`;
}

/** The Content-Security-Policy of such a page: its own style and nothing else. */
export function pagePolicy(): string {
  return `default-src 'none'; style-src ${pageStyleSource()}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}
