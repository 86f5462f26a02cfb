import type { HoldfastError } from '../errors.ts';
import { html } from '../html.ts';
import { type Language, renderText, type Text } from '../text.ts';
import { renderPage } from './page.ts';
import { statusTitle } from './status-titles.ts';

export interface ErrorRendering {
  readonly errorId: string;
  readonly language: Language;
  /** Path of the error catalogue, whose fragments are the codes. */
  readonly cataloguePath: string;
}

const texts = {
  id: { en: 'Error id', zh: '错误编号' },
  code: { en: 'Code', zh: '代码' },
  home: { en: 'To the start page', zh: '返回首页' },
} as const satisfies Record<string, Text>;

/** An error as a page for people: what happened, what they can do, and what to tell whoever helps them. */
export function renderErrorPage(error: HoldfastError, { errorId, language, cataloguePath }: ErrorRendering): string {
  const { message, hint } = error.describe(language);
  const title = renderText(statusTitle(error.status), language);
  const kind = error.status >= 500 ? 'ours' : 'theirs';
  return renderPage({
    title: `${error.status} ${title}`,
    language,
    content: html`<main class="error ${kind}">
<p class="status">${error.status}</p>
<h1>${title}</h1>
<p class="message">${message}</p>
<p class="hint">${hint}</p>
<dl>
<dt>${texts.code[language]}</dt><dd><a href="${cataloguePath}#${error.code}">${error.code}</a></dd>
<dt>${texts.id[language]}</dt><dd><code>${errorId}</code></dd>
</dl>
<p><a class="home" href="/">${texts.home[language]}</a></p>
</main>`,
  });
}
