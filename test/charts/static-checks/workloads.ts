import type { Manifest } from '../chart.ts';
import { type Check, kindCheck, podCheck, podOf, selects } from './check.ts';

const allowedVolumes = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret'];

/** What the tools ask of pods and of what makes them. */
export const workloadChecks: readonly Check[] = [
  podCheck(['kubesec HostNetwork', 'Polaris hostNetworkSet', 'Polaris hostIPCSet', 'Polaris hostPIDSet', 'kubesec HostPID', 'kubesec HostIPC', 'Trivy KSV-0008', 'Trivy KSV-0009', 'Trivy KSV-0010'], ({ spec }) =>
    ['hostNetwork', 'hostPID', 'hostIPC', 'hostAliases'].filter((field) => spec[field] !== undefined),
  ),
  podCheck(['Polaris hostPathSet', 'Trivy KSV-0023', 'Trivy KSV-0028'], ({ spec }) =>
    (spec.volumes ?? []).filter((volume) => !allowedVolumes.some((kind) => kind in volume)).map(({ name }) => `volume ${name}`),
  ),
  podCheck(['sized emptyDir'], ({ spec }) => (spec.volumes ?? []).filter(({ emptyDir }) => emptyDir && !(emptyDir as { sizeLimit?: string }).sizeLimit).map(({ name }) => `volume ${name}`)),
  podCheck(['Trivy KSV-0025', 'Trivy KSV-0026'], ({ spec }) => ['seLinuxOptions', 'sysctls'].filter((field) => field in (spec.securityContext ?? {}))),
  podCheck(['Trivy KSV-0029', 'Trivy KSV-0116'], ({ spec }) => ([spec.securityContext?.fsGroup, ...(spec.securityContext?.supplementalGroups ?? [])].includes(0) ? ['group 0'] : [])),
  podCheck(['Polaris automountServiceAccountToken', 'kubesec AutomountServiceAccountToken', 'Trivy KSV-0036'], ({ spec }) => (spec['automountServiceAccountToken'] === false ? [] : ['automountServiceAccountToken'])),
  podCheck(['kubesec ServiceAccountName'], ({ spec }) => (typeof spec['serviceAccountName'] === 'string' ? [] : ['serviceAccountName'])),
  podCheck(['Polaris priorityClassNotSet'], ({ spec }) => (typeof spec['priorityClassName'] === 'string' ? [] : ['priorityClassName'])),
  podCheck(['no service links'], ({ spec }) => (spec['enableServiceLinks'] === false ? [] : ['enableServiceLinks'])),
  kindCheck(['kube-score deployment-has-host-podantiaffinity'], ['Deployment'], ({ spec }) => spec.template.spec.affinity?.podAntiAffinity !== undefined),
  kindCheck(['kube-score pod-topology-spread-constraints', 'Polaris topologySpreadConstraint'], ['Deployment'], ({ spec }) => spec.template.spec.topologySpreadConstraints?.length > 0),
  kindCheck(['kube-score deployment-replicas', 'Polaris deploymentMissingReplicas'], ['Deployment'], (deployment, all) => deployment['spec'].replicas >= 2 || scalerOf(deployment, all) !== undefined),
  kindCheck(['kube-score deployment-targeted-by-hpa-does-not-have-replicas-configured'], ['Deployment'], (deployment, all) => scalerOf(deployment, all) === undefined || deployment['spec'].replicas === undefined),
  kindCheck(['kube-score horizontalpodautoscaler-has-target'], ['HorizontalPodAutoscaler'], ({ spec }, all) => all.some(({ kind, metadata }) => kind === 'Deployment' && metadata.name === spec.scaleTargetRef.name)),
  kindCheck(['kube-score horizontalpodautoscaler-replicas', 'Polaris hpaMinAvailability', 'Polaris hpaMaxAvailability'], ['HorizontalPodAutoscaler'], ({ spec }) => spec.minReplicas >= 2 && spec.maxReplicas > spec.minReplicas),
  kindCheck(['kube-score deployment-has-poddisruptionbudget', 'Polaris missingPodDisruptionBudget'], ['Deployment'], (deployment, all) => all.some(({ kind, spec }) => kind === 'PodDisruptionBudget' && selectsPod(spec.selector.matchLabels, deployment))),
  kindCheck(['kube-score poddisruptionbudget-has-policy', 'Polaris pdbDisruptionsIsZero', 'Polaris pdbMinAvailableGreaterThanHPAMinReplicas'], ['PodDisruptionBudget'], ({ spec }) => spec.maxUnavailable >= 1 && spec.minAvailable === undefined),
  kindCheck(['rolling without loss'], ['Deployment'], ({ spec }) => spec.strategy.rollingUpdate.maxUnavailable === 0),
  kindCheck(['kube-score cronjob-has-deadline'], ['CronJob'], ({ spec }) => spec.startingDeadlineSeconds >= 60 && spec.jobTemplate.spec.activeDeadlineSeconds > 0),
  kindCheck(['kube-score cronjob-restartpolicy'], ['CronJob'], ({ spec }) => spec.jobTemplate.spec.template.spec.restartPolicy === 'Never'),
  kindCheck(['kube-score job-restartpolicy'], ['Job'], ({ spec }) => spec.template.spec.restartPolicy === 'Never'),
  kindCheck(['no overlapping runs'], ['CronJob'], ({ spec }) => spec.concurrencyPolicy === 'Forbid'),
];

function scalerOf(deployment: Manifest, all: readonly Manifest[]): Manifest | undefined {
  return all.find(({ kind, spec }) => kind === 'HorizontalPodAutoscaler' && spec.scaleTargetRef.name === deployment.metadata.name);
}

export function selectsPod(selector: Readonly<Record<string, string>> | undefined, manifest: Manifest): boolean {
  const pod = podOf(manifest);
  return pod !== undefined && selects(selector, pod.labels);
}
