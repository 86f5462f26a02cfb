import { concernsOf } from '../../kubernetes/resources/concerns.ts';
import { kinds } from '../../kubernetes/resources/kinds.ts';
import { sourceNameOf } from '../../kubernetes/resources/summaries.ts';
import { HoldfastError } from '../../operations/errors.ts';
import { html, type Html } from '../../operations/html.ts';
import type { ServiceContext } from '../../operations/http/service.ts';
import { relativeTime } from '../../operations/relative-time.ts';
import type { Language } from '../../operations/text.ts';
import { listResources } from '../backups/list-resources.ts';
import { type ClusterAccess, requireListAccess } from '../cluster/cluster-access.ts';
import type { Kept } from '../cluster/kept.ts';
import { texts } from './texts.ts';

/** The cluster's schedules at a moment, or why they cannot be shown. */
export interface Schedules {
  readonly now: Date;
  readonly found: readonly Kept<'BackupSchedule'>[] | HoldfastError;
}

/** As many as a person looks through; the REST API and kubectl show all. */
const mostShown = 200;

/** What somebody may see of the schedules: the page is shown all the same where the cluster is away, or refuses. */
export async function schedulesFor(cluster: ClusterAccess, ctx: ServiceContext, now: Date): Promise<Schedules> {
  try {
    await requireListAccess(cluster, ctx, { resource: kinds.BackupSchedule.plural });
    return { now, found: listResources(cluster.view.list('BackupSchedule'), { order: 'name', limit: mostShown, passes: () => true }).items };
  } catch (error) {
    if (error instanceof HoldfastError) return { now, found: error };
    throw error;
  }
}

/** Are we safe: one row a schedule. */
export function schedulesSection({ now, found }: Schedules, language: Language): Html {
  return html`<section>
<h2>${texts.backups[language]}</h2>
${found instanceof HoldfastError ? refusal(found, language) : found.length === 0 ? html`<p class="hint">${texts.noSchedules[language]}</p>` : table(found, now, language)}
</section>
`;
}

function refusal(error: HoldfastError, language: Language): Html {
  const { message, hint } = error.describe(language);
  return html`<p>${message}</p>
<p class="hint">${hint}</p>`;
}

function table(schedules: readonly Kept<'BackupSchedule'>[], now: Date, language: Language): Html {
  const headings = [texts.schedule, texts.source, texts.lastSuccess, texts.lastProven, texts.next, texts.state];
  return html`<table>
<thead><tr>${headings.map((heading) => html`<th>${heading[language]}</th>`)}</tr></thead>
<tbody>
${schedules.map((schedule) => row(schedule, now, language))}</tbody>
</table>`;
}

function row(schedule: Kept<'BackupSchedule'>, now: Date, language: Language): Html {
  const { metadata: { namespace, name }, status: { lastSuccessTime, lastProvenTime, nextDueTime } = {} } = schedule;
  const concerns = concernsOf(schedule, now).map(({ text }) => text[language]);
  const state = concerns.length === 0 ? html`<span class="state ok">${texts.ok[language]}</span>` : html`<span class="state warning">${concerns.join(', ')}</span>`;
  const times = [lastSuccessTime, lastProvenTime, nextDueTime].map((time) => html`<td>${relativeTime(time, { now, language })}</td>`);
  return html`<tr><td><code>${namespace}/${name}</code></td><td>${sourceNameOf(schedule)}</td>${times}<td>${state}</td></tr>
`;
}
