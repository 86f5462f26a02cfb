/** What does not hold and why it need not: the one list. A waiver that nothing needs fails the tests. */
export interface Waiver {
  /** A name of the check. */
  readonly check: string;
  /** Of the object: `Deployment holdfast-api`. */
  readonly object: RegExp;
  readonly reason: string;
}

const service = /^Deployment holdfast-(api|controller)$/;
const anyPod = /^(Deployment|CronJob|Job|Pod) /;

export const waivers: readonly Waiver[] = [
  { check: 'Polaris cpuLimitsMissing', object: anyPod, reason: 'A throttled run holds its snapshot of the database longer, a throttled service answers late; requests share the processor fairly.' },
  { check: 'Polaris pullPolicyNotAlways', object: anyPod, reason: 'A pull for each run makes backups depend on the registry being there at night. Who needs it sets pullPolicy; a digest says the same more surely.' },
  { check: 'image digest', object: anyPod, reason: 'Known only once an image is published: image.digest and jobImage.digest pin it. ci/s3-with-controller-values.yaml shows it.' },
  { check: 'Polaris automountServiceAccountToken', object: service, reason: 'API and controller work by the Kubernetes API, with roles of their own that hold no Secrets.' },
  { check: 'kubesec ServiceAccountName', object: /^(CronJob|Job|Pod) /, reason: 'Runs speak to no Kubernetes API and get no token. jobs.serviceAccountName names one where a bucket knows it.' },
  { check: 'Polaris priorityClassNotSet', object: anyPod, reason: 'Priority classes are the cluster\'s own; values name one.' },
  { check: 'kube-score container-security-context-user-group-id', object: anyPod, reason: 'On OpenShift only: the platform gives each namespace a range of its own, and refuses others.' },
  { check: 'Polaris tlsSettingsMissing', object: /^Ingress /, reason: 'On OpenShift only: the router ends TLS with its own certificate (route.openshift.io/termination).' },
  { check: 'Trivy KSV-0048', object: /^(Cluster)?Role .*holdfast-controller$/, reason: 'To make CronJobs and Jobs is what the controller is for. It makes no pods itself and reads no Secrets.' },
  { check: 'kube-score networkpolicy-targets-pod', object: /^NetworkPolicy holdfast-jobs$/, reason: 'With the controller on, the pods that it selects are made by the controller: the same as the chart makes (runs.unit.test.ts).' },
  { check: 'Polaris sensitiveContainerEnvVar', object: /^Deployment holdfast-controller$/, reason: "HOLDFAST_JOB_IMAGE_PULL_SECRETS holds names of Secrets, which the pods of runs name in turn; their contents only the kubelet reads." },
];

export function isWaived(names: readonly string[], object: string): boolean {
  return waivers.some((waiver) => waives(waiver, names, object));
}

export function waives({ check, object: pattern }: Waiver, names: readonly string[], object: string): boolean {
  return names.includes(check) && pattern.test(object);
}
