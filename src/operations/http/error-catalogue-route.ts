import { html } from '../html.ts';
import { type Language, renderText, type Text } from '../text.ts';
import type { CatalogueArea, CatalogueRow } from './error-catalogue.ts';
import { pagePolicy, renderPage } from './page.ts';
import type { ServiceMiddleware } from './service.ts';

const texts = {
  title: { en: 'Errors', zh: '错误一览' },
  lead: {
    en: 'Every error that this service answers with: its code stays the same from version to version. Words in braces stand for what the error is about.',
    zh: '本服务可能返回的全部错误：代码在各版本间保持不变。花括号中的词代表错误所涉及的内容。',
  },
  code: { en: 'Code', zh: '代码' },
  status: { en: 'Status', zh: '状态码' },
  category: { en: 'Category', zh: '类别' },
  meaning: { en: 'Meaning', zh: '含义' },
  action: { en: 'What to do', zh: '处理办法' },
} as const satisfies Record<string, Text>;

/**
 * The catalogue for whoever met an error: a page for people, JSON (`{"areas":[{"area","errors":[{code,status,category,retryable,
 * message,hint}]}]}`) for programs, in the reader's language. Each code is a fragment of the page. Both are made once.
 */
export function errorCatalogueRoute(catalogue: readonly CatalogueArea[]): ServiceMiddleware {
  const policy = pagePolicy();
  const pages = { en: cataloguePage(catalogue, 'en'), zh: cataloguePage(catalogue, 'zh') };
  const documents = { en: catalogueDocument(catalogue, 'en'), zh: catalogueDocument(catalogue, 'zh') };
  return (ctx) => {
    const { language } = ctx.state;
    const forPeople = ctx.accepts('application/json', 'text/html') === 'text/html';
    ctx.vary('Accept, Accept-Language');
    ctx.set('Content-Language', language);
    ctx.set('Content-Type', `${forPeople ? 'text/html' : 'application/json'}; charset=utf-8`);
    if (forPeople) ctx.set('Content-Security-Policy', policy);
    ctx.body = (forPeople ? pages : documents)[language];
  };
}

function cataloguePage(catalogue: readonly CatalogueArea[], language: Language): string {
  const say = (text: Text): string => renderText(text, language);
  const row = ({ code, status, category, message, hint }: CatalogueRow) =>
    html`<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${category}</td><td>${say(message)}</td><td>${say(hint)}</td></tr>
`;
  const section = ({ area, rows }: CatalogueArea) => html`<section>
<h2>${say(area)}</h2>
<table>
<thead><tr><th>${say(texts.code)}</th><th>${say(texts.status)}</th><th>${say(texts.category)}</th><th>${say(texts.meaning)}</th><th>${say(texts.action)}</th></tr></thead>
<tbody>
${rows.map(row)}</tbody>
</table>
</section>
`;
  return renderPage({
    title: say(texts.title),
    language,
    content: html`<main>
<h1>${say(texts.title)}</h1>
<p class="lead">${say(texts.lead)}</p>
${catalogue.map(section)}</main>`,
  });
}

function catalogueDocument(catalogue: readonly CatalogueArea[], language: Language): string {
  const areas = catalogue.map(({ area, rows }) => ({
    area: area[language],
    errors: rows.map(({ message, hint, ...row }) => ({ ...row, message: message[language], hint: hint[language] })),
  }));
  return JSON.stringify({ areas });
}
