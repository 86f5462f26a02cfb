import { Gauge, type Registry } from 'prom-client';
import { sourceNameOf } from '../../../kubernetes/resources/summaries.ts';
import type { Kept } from '../kept.ts';
import { type ClusterSnapshot, type ScheduleFacts, scheduleFacts } from './facts.ts';
import type { Figure } from './figures.ts';
import { repositoryFigures } from './repository-figures.ts';
import { scheduleFigures } from './schedule-figures.ts';

const scheduleInfo = 'holdfast_schedule_info';

/** Every metric of the cluster's backups: what alerts and dashboards may ask for. */
export const clusterMetricNames: readonly string[] = [scheduleInfo, ...scheduleFigures.map(({ name }) => name), ...repositoryFigures.map(({ name }) => name)];

/**
 * Shows the cluster's backups, computed at each scrape from the resources as `snapshot` gives them: series of what was deleted vanish, a value
 * that is not known has none. Every replica shows the same.
 */
export function observeCluster(registry: Registry, snapshot: () => ClusterSnapshot): void {
  const registers = [registry];
  let schedules: readonly ScheduleFacts[] = [];
  let repositories: readonly Kept<'BackupRepository'>[] = [];
  // Registered first, because its `collect` takes the facts that the others, rendered after it, show.
  const info = new Gauge({
    name: scheduleInfo,
    help: 'Always 1; its labels say what the schedule backs up, and where to.',
    labelNames: ['namespace', 'schedule', 'source', 'repository'],
    registers,
    collect() {
      const current = snapshot();
      schedules = scheduleFacts(current);
      repositories = [...current.repositories];
      info.reset();
      for (const { schedule } of schedules) {
        const { metadata, spec } = schedule;
        info.set({ namespace: metadata.namespace, schedule: metadata.name, source: sourceNameOf(schedule), repository: spec.repositoryRef.name }, 1);
      }
    },
  });
  for (const figure of scheduleFigures) show(registry, figure, 'schedule', () => schedules, ({ schedule }) => schedule);
  for (const figure of repositoryFigures) show(registry, figure, 'repository', () => repositories, (repository) => repository);
}

function show<Subject>(registry: Registry, { name, help, of }: Figure<Subject>, label: 'schedule' | 'repository', subjects: () => readonly Subject[], resourceOf: (subject: Subject) => Kept): void {
  const gauge: Gauge = new Gauge({
    name,
    help,
    labelNames: ['namespace', label],
    registers: [registry],
    collect() {
      gauge.reset();
      for (const subject of subjects()) {
        const value = of(subject);
        const { metadata } = resourceOf(subject);
        if (value !== undefined) gauge.set({ namespace: metadata.namespace, [label]: metadata.name }, value);
      }
    },
  });
}
