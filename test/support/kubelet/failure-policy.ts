import type { Job, Pod } from '../../../src/kubernetes/objects.ts';

type Rule = NonNullable<NonNullable<NonNullable<Job['spec']>['podFailurePolicy']>['rules']>[number];

export type Verdict = { readonly action: 'FailJob'; readonly message: string } | { readonly action: 'Ignore' | 'Count' };

/** What a Job makes of a pod that failed: the first rule that matches, else it counts towards the back-off limit. */
export function judgeFailure(job: Job, pod: Pod): Verdict {
  for (const [index, rule] of (job.spec?.podFailurePolicy?.rules ?? []).entries()) {
    const reason = matchOf(rule, pod);
    if (reason === undefined) continue;
    if (rule.action === 'FailJob') return { action: 'FailJob', message: `${reason} matching FailJob rule at index ${index}` };
    return { action: rule.action === 'Ignore' ? 'Ignore' : 'Count' };
  }
  return { action: 'Count' };
}

function matchOf({ onExitCodes, onPodConditions }: Rule, { metadata, status }: Pod): string | undefined {
  for (const { name, state } of status?.containerStatuses ?? []) {
    const exitCode = state?.terminated?.exitCode;
    if (exitCode === undefined || exitCode === 0 || !onExitCodes || (onExitCodes.containerName ?? name) !== name) continue;
    if (onExitCodes.values.includes(exitCode) === (onExitCodes.operator === 'In')) return `Container ${name} for pod ${metadata.namespace}/${metadata.name} failed with exit code ${exitCode}`;
  }
  const met = onPodConditions?.find((wanted) => status?.conditions?.some(({ type, status: value }) => type === wanted.type && value === (wanted.status ?? 'True')));
  return met && `Pod ${metadata.namespace}/${metadata.name} has condition ${met.type}`;
}
