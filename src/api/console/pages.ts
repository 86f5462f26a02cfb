import type { CheckReport } from '../../operations/health/check-watch.ts';
import type { HealthReport } from '../../operations/health/health.ts';
import type { HoldfastError } from '../../operations/errors.ts';
import type { Principal } from '../../operations/http/service.ts';
import { renderPage } from '../../operations/http/page.ts';
import { html, type Html } from '../../operations/html.ts';
import { csrfField } from '../../operations/security/csrf.ts';
import { type Language, renderText, type Text } from '../../operations/text.ts';
import { type Schedules, schedulesSection } from './schedules.ts';
import { checkTexts, healthTexts, roleTexts, texts } from './texts.ts';

interface Reader {
  readonly language: Language;
  readonly csrfToken: string;
}

/** The form to sign in; after a refusal with the name that was tried and why. */
export function signInPage({ language, csrfToken, name = '', refusal, hasAdmin }: Reader & { readonly name?: string; readonly refusal?: HoldfastError | undefined; readonly hasAdmin: boolean }): string {
  const say = (text: Text): string => text[language];
  const refused = refusal && html`<p class="message" role="alert">${refusal.describe(language).message}</p>
<p class="hint">${refusal.describe(language).hint}</p>
`;
  return renderPage({
    title: `${say(texts.signIn)} · ${say(texts.product)}`,
    language,
    content: html`<main class="error">
<h1>${say(texts.product)}</h1>
${refused}${hasAdmin ? undefined : html`<p class="hint">${say(texts.noAdmin)}<code>create-admin</code></p>
`}<form method="post" action="/sign-in">
${csrfInput(csrfToken)}
<p><label>${say(texts.name)}<br><input name="name" value="${name}" autocomplete="username" autocapitalize="none" required autofocus></label></p>
<p><label>${say(texts.password)}<br><input name="password" type="password" autocomplete="current-password" required></label></p>
<p><button>${say(texts.signIn)}</button></p>
</form>
</main>`,
  });
}

/** What somebody sees who is signed in. */
export function homePage({ language, csrfToken, principal, health, schedules }: Reader & { readonly principal: Principal; readonly health: HealthReport; readonly schedules?: Schedules | undefined }): string {
  const say = (text: Text): string => text[language];
  return renderPage({
    title: say(texts.product),
    language,
    content: html`<main>
<header>
<h1>${say(texts.product)}</h1>
<form method="post" action="/sign-out">
${csrfInput(csrfToken)}
<p>${renderText(texts.signedInAs, language, { name: principal.name, role: roleTexts[principal.role] })} <button>${say(texts.signOut)}</button></p>
</form>
</header>
${schedules && schedulesSection(schedules, language)}<section>
<h2>${say(texts.health)}</h2>
<p class="state ${health.status}">${say(healthTexts[health.status])}</p>
<table>
<thead><tr><th>${say(texts.check)}</th><th>${say(texts.state)}</th><th>${say(texts.details)}</th></tr></thead>
<tbody>
${health.checks.map((check) => checkRow(check, language))}</tbody>
</table>
</section>
<section>
<h2>${say(texts.more)}</h2>
<p><a href="/core/health/?verbose">${say(texts.healthJson)}</a> · <a href="/errors">${say(texts.errors)}</a></p>
</section>
</main>`,
  });
}

function checkRow({ name, status, facts, error }: CheckReport, language: Language): Html {
  const details = [...Object.entries(facts).map(([fact, value]) => `${fact}: ${value}`), ...(error ? [error.describe(language).message] : [])];
  return html`<tr><td><code>${name}</code></td><td><span class="state ${status}">${checkTexts[status][language]}</span></td><td>${details.join(' · ')}</td></tr>
`;
}

function csrfInput(token: string): Html {
  return html`<input type="hidden" name="${csrfField}" value="${token}">`;
}
