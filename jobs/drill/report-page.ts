import { createHash } from 'node:crypto';
import { formatBytes, formatDuration } from '../../src/operations/format.ts';
import { type Language, renderText, type Text, type TextValues } from '../../src/operations/text.ts';
import type { DrillReport } from '../../src/repository/drills/drill-document.ts';
import type { DrillFinding } from '../../src/repository/drills/drill-report.ts';
import type { UnnamedDrillReport } from '../../src/repository/drills/record-drill.ts';
import { drillKey } from '../../src/repository/manifest/object-keys.ts';
import { type Html, html } from '../../src/operations/html.ts';
import { reportStyle } from './report-style.ts';
import { checkTexts, outcomeSentence, outcomeWords, pageTexts } from './report-texts.ts';

/** What a page can be made of: a report that could not be recorded has no name. */
type ShownReport = UnnamedDrillReport & Partial<Pick<DrillReport, 'drill'>>;

/** Says a text in the page's language. */
type Say = (text: Text, values?: TextValues) => string;

/**
 * The report as one HTML file that needs nothing else: for people, on a screen or on paper. Whatever names and values it
 * shows, it runs nothing: there is no script, all values are escaped, and its own policy forbids everything but its style.
 */
export function renderReportPage(report: ShownReport, language: Language): string {
  const say: Say = (text, values) => renderText(text, language, values);
  const { outcome, source } = report;
  const styleHash = createHash('sha256').update(reportStyle).digest('base64');
  const title = say(pageTexts.title, { source });
  const page = html`<title>${title}: ${say(outcomeWords[outcome])}</title>
</head>
<body>
<main class="${outcome}">
${header(report, say, title)}
${figures(report, say)}
${reason(report, say)}
${findings(report, say)}
${checks(report, say)}
${warnings(report, language, say)}
${particulars(report, say)}
</main>
${footer(report, say)}
</body>
</html>
`;
  // The style is ours and holds quotes: it is the one thing that must not be escaped.
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'">
<style>${reportStyle}</style>
${page.toString()}`;
}

function header(report: ShownReport, say: Say, title: string): Html {
  const { outcome, source, id, measures } = report;
  const story = measures ? say(pageTexts.story, { id, source, program: measures.restoredInto }) : say(pageTexts.brokenStory, { id, source });
  return html`<header>
<p class="kind">${title}</p>
<span class="badge">${say(outcomeWords[outcome])}</span>
<h1>${say(outcomeSentence(report))}</h1>
<p>${story}</p>
</header>`;
}

function figures({ measures, ageMs, stateAt }: ShownReport, say: Say): Html {
  const age = figure(say(pageTexts.dataAge), formatDuration(Math.max(0, ageMs)), say(pageTexts.dataAgeNote, { stateAt: formatTime(stateAt) }));
  if (!measures) return html`<section class="figures">${age}</section>`;
  const { restoreMs, checkMs, bytes, tables, rows } = measures;
  return html`<section class="figures">
${figure(say(pageTexts.restoreTime), formatDuration(restoreMs), say(pageTexts.restoreTimeNote))}
${age}
${figure(say(pageTexts.restored), formatBytes(bytes), say(pageTexts.restoredNote, { tables: formatCount(tables), rows: formatCount(rows) }))}
${figure(say(pageTexts.checkTime), formatDuration(checkMs), '')}
</section>`;
}

function figure(label: string, value: string, note: string): Html {
  return html`<div class="figure"><span class="label">${label}</span><b>${value}</b><span class="note">${note}</span></div>`;
}

function reason({ details: { error }, errorCode }: ShownReport, say: Say): Html | undefined {
  if (!error) return undefined;
  return html`<section><h2>${say(pageTexts.reason)}</h2>
<p>${say(error.message)}</p>
<p>${say(error.hint)} <code>${errorCode}</code></p>
</section>`;
}

function findings({ details, measures }: ShownReport, say: Say): Html | undefined {
  if (details.findings.length === 0) return undefined;
  const differing = measures?.checks.reduce((sum, check) => sum + check.differing, 0) ?? 0;
  const isCut = differing > details.findings.length;
  return html`<section><h2>${say(pageTexts.findings)}</h2>
<div class="scroll"><table>
<thead><tr><th>${say(pageTexts.where)}</th><th>${say(pageTexts.check)}</th><th>${say(pageTexts.expected)}</th><th>${say(pageTexts.found)}</th></tr></thead>
<tbody>
${details.findings.map((finding) => findingRow(finding, say))}
</tbody></table></div>
${isCut ? html`<p class="note">${say(pageTexts.findingsCut, { count: details.findings.length })}</p>` : undefined}
</section>`;
}

function findingRow({ object, check, part, expected, found }: DrillFinding, say: Say): Html {
  const where = part === undefined ? undefined : html`<span class="note">${say(pageTexts.part)} <code title="${part}">${part.slice(0, 12)}</code></span>`;
  return html`<tr><th scope="row"><span class="value"><bdi>${object}</bdi></span>${where}</th><td>${say(checkTexts[check].name)}</td><td class="value"><bdi>${expected}</bdi></td><td class="value bad"><bdi>${found}</bdi></td></tr>
`;
}

function checks({ measures }: ShownReport, say: Say): Html | undefined {
  if (!measures) return undefined;
  const rows = measures.checks.map(
    ({ name, compared, differing }) => html`<tr><th scope="row">${say(checkTexts[name].name)}<span class="note">${say(checkTexts[name].meaning)}</span></th><td class="number">${formatCount(compared)}</td><td class="number ${differing > 0 ? 'bad' : 'good'}">${formatCount(differing)}</td></tr>
`,
  );
  return html`<section><h2>${say(pageTexts.compared)}</h2>
<div class="scroll"><table>
<thead><tr><th>${say(pageTexts.check)}</th><th class="number">${say(pageTexts.count)}</th><th class="number">${say(pageTexts.differing)}</th></tr></thead>
<tbody>
${rows}
</tbody></table></div>
</section>`;
}

function warnings({ details }: ShownReport, language: Language, say: Say): Html | undefined {
  if (details.warnings.length === 0) return undefined;
  return html`<section><h2>${say(pageTexts.warnings)}</h2><ul>${details.warnings.map((warning) => html`<li>${warning[language]}</li>`)}</ul></section>`;
}

function particulars(report: ShownReport, say: Say): Html {
  const { source, id, drill, repository, measures, startedAt, finishedAt, stateAt, holdfastVersion, backupSeal } = report;
  const facts: [Text, string | undefined][] = [
    [pageTexts.source, source],
    [pageTexts.backup, id],
    [pageTexts.stateAt, formatTime(stateAt)],
    [pageTexts.drill, drill ?? say(pageTexts.unrecorded)],
    [pageTexts.startedAt, formatTime(startedAt)],
    [pageTexts.finishedAt, formatTime(finishedAt)],
    [pageTexts.restoredInto, measures?.restoredInto],
    [pageTexts.version, holdfastVersion],
    [pageTexts.repository, repository],
    [pageTexts.backupSeal, backupSeal],
  ];
  const known = facts.flatMap(([label, value]) => (value === undefined ? [] : [html`<dt>${say(label)}</dt><dd>${value}</dd>`]));
  return html`<section><h2>${say(pageTexts.particulars)}</h2><dl>${known}</dl></section>`;
}

function footer({ source, id, drill }: ShownReport, say: Say): Html | undefined {
  if (drill === undefined) return undefined;
  return html`<footer><p>${say(pageTexts.footer, { key: drillKey({ source, id, drill }), id })}</p></footer>`;
}

/** `2026-01-16 18:04:45 UTC`. */
function formatTime(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}
