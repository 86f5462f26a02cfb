import type { Manifest } from '../chart.ts';
import { type Check, kindCheck, podOf } from './check.ts';
import { selectsPod } from './workloads.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const roles = ['Role', 'ClusterRole'];
const bindings = ['RoleBinding', 'ClusterRoleBinding'];
const changing = ['create', 'update', 'patch', 'delete', 'deletecollection'];

/** What the tools ask of services, network policies and roles. */
export const accessChecks: readonly Check[] = [
  kindCheck(['kube-score service-targets-pod'], ['Service'], ({ spec }, all) => all.some((manifest) => selectsPod(spec.selector, manifest))),
  kindCheck(['kube-score service-type'], ['Service'], ({ spec }) => spec.type !== 'NodePort' && spec.externalIPs === undefined),
  kindCheck(['kube-score ingress-targets-service'], ['Ingress'], ({ spec }, all) =>
    (spec.rules as { http: { paths: { backend: { service: { name: string } } }[] } }[]).every(({ http }) =>
      http.paths.every(({ backend }) => all.some(({ kind, metadata }) => kind === 'Service' && metadata.name === backend.service.name)),
    ),
  ),
  kindCheck(['Polaris tlsSettingsMissing'], ['Ingress'], ({ spec }) => spec.tls?.length > 0),
  { names: ['kube-score pod-networkpolicy', 'Polaris missingNetworkPolicy', 'Trivy KSV-0038'], find: (manifest, all) => directionsMissing(manifest, all) },
  kindCheck(['kube-score networkpolicy-targets-pod'], ['NetworkPolicy'], ({ spec }, all) => all.some((manifest) => selectsPod(spec.podSelector.matchLabels, manifest))),
  rolesCheck(['Trivy KSV-0044', 'Trivy KSV-0045', 'Trivy KSV-0046', 'Polaris clusterroleWildcard'], ({ apiGroups, resources, verbs }) => [...apiGroups, ...resources, ...verbs].some((name) => name.includes('*'))),
  rolesCheck(['Trivy KSV-0041', 'Trivy KSV-0113'], ({ resources }) => resources.includes('secrets')),
  rolesCheck(['Trivy KSV-0042', 'Trivy KSV-0053', 'Trivy KSV-0054', 'Polaris clusterrolePodExecAttach', 'Polaris rolePodExecAttach'], ({ resources }) => resources.some((name) => /^pods\/(exec|attach|log|portforward)$/.test(name))),
  rolesCheck(['Trivy KSV-0043', 'Trivy KSV-0047', 'Trivy KSV-0051'], ({ resources, verbs }) => verbs.some((verb) => ['impersonate', 'escalate', 'bind'].includes(verb)) || resources.includes('nodes/proxy')),
  rolesCheck(['Trivy KSV-0048'], (rule) => changes(rule, ['pods', 'deployments', 'jobs', 'cronjobs', 'statefulsets', 'daemonsets'])),
  rolesCheck(['Trivy KSV-0049', 'Trivy KSV-0050', 'Trivy KSV-0056'], (rule) => changes(rule, ['configmaps', 'roles', 'rolebindings', 'clusterroles', 'clusterrolebindings', 'services', 'networkpolicies', 'ingresses'])),
  kindCheck(['Trivy KSV-0111', 'Polaris clusterrolebindingClusterAdmin', 'Polaris rolebindingClusterAdminClusterRole'], bindings, ({ roleRef }) => !['cluster-admin', 'admin', 'edit'].includes(roleRef.name)),
  kindCheck(['Trivy KSV-0122'], bindings, ({ subjects }) => (subjects as { name: string }[]).every(({ name }) => !name.startsWith('system:'))),
  kindCheck(['Polaris sensitiveConfigmapContent', 'Trivy KSV-0109'], ['ConfigMap'], ({ data }) => Object.keys(data as object).every((key) => !/password|secret|token|credential/i.test(key))),
  { names: ['kube-score stable-version'], find: ({ apiVersion, kind }) => (/(alpha|beta)/.test(apiVersion) && !apiVersion.startsWith('holdfast.dev/') ? [kind] : []) },
  { names: ['Trivy KSV-0110', 'Trivy KSV-0037'], find: ({ kind, metadata }) => (['default', 'kube-system'].includes(metadata.namespace ?? '') ? [kind] : []) },
];

function rolesCheck(names: readonly string[], allowsIt: (rule: Rule) => boolean): Check {
  return kindCheck(names, roles, ({ rules }) => !(rules as Rule[]).some(allowsIt));
}

function changes({ resources, verbs }: Rule, of: readonly string[]): boolean {
  return resources.some((resource) => of.includes(resource)) && verbs.some((verb) => changing.includes(verb));
}

function directionsMissing(manifest: Manifest, all: readonly Manifest[]): string[] {
  if (!podOf(manifest)) return [];
  const policies = all.filter(({ kind, spec }) => kind === 'NetworkPolicy' && selectsPod(spec.podSelector.matchLabels, manifest));
  return ['Ingress', 'Egress'].filter((direction) => !policies.some(({ spec }) => spec.policyTypes.includes(direction)));
}
