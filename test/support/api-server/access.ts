import type { Cluster } from './cluster.ts';
import type { AccessRule, User } from './users.ts';

export interface Attempt {
  readonly verb: string;
  readonly group: string;
  readonly plural: string;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** Whether a user may, by the rules that the test gave or by the roles that are bound in the cluster. */
export function mayDo(cluster: Cluster, given: ReadonlyMap<string, readonly AccessRule[]>, user: User, attempt: Attempt): boolean {
  if (user.groups.includes('system:masters')) return true;
  return [...(given.get(user.name) ?? []), ...boundRules(cluster, user)].some((rule) => allows(rule, attempt));
}

function allows(rule: AccessRule, { verb, group, plural, subresource, namespace, name }: Attempt): boolean {
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
  return has(rule.verbs, verb)
    && has(rule.apiGroups, group)
    && (has(rule.resources, resource) || (subresource !== undefined && rule.resources.includes(`*/${subresource}`)))
    && (rule.resourceNames === undefined || rule.resourceNames.length === 0 || (name !== undefined && rule.resourceNames.includes(name)))
    && (rule.namespaces === undefined || (namespace !== undefined && rule.namespaces.includes(namespace)));
}

function has(list: readonly string[], wanted: string): boolean {
  return list.includes('*') || list.includes(wanted);
}

interface Binding {
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace?: string }[];
  readonly roleRef: { readonly kind: string; readonly name: string };
}

interface Role {
  readonly rules?: readonly AccessRule[];
  readonly aggregationRule?: { readonly clusterRoleSelectors: readonly { readonly matchLabels?: Readonly<Record<string, string>> }[] };
}

const rbac = 'rbac.authorization.k8s.io';

function boundRules(cluster: Cluster, user: User): AccessRule[] {
  const { store } = cluster;
  const inNamespaces = store.all(`${rbac}/rolebindings`).flatMap((object) => {
    const { metadata: { namespace = '' } } = object;
    const binding = object as unknown as Binding;
    if (!concerns(binding, user, namespace)) return [];
    const id = binding.roleRef.kind === 'ClusterRole' ? `/${binding.roleRef.name}` : `${namespace}/${binding.roleRef.name}`;
    return rulesOf(cluster, binding.roleRef.kind, id).map((rule) => ({ ...rule, namespaces: [namespace] }));
  });
  const everywhere = store.all(`${rbac}/clusterrolebindings`).flatMap((object) => {
    const binding = object as unknown as Binding;
    return concerns(binding, user, undefined) ? rulesOf(cluster, 'ClusterRole', `/${binding.roleRef.name}`) : [];
  });
  return [...inNamespaces, ...everywhere];
}

function concerns({ subjects = [] }: Binding, user: User, namespace: string | undefined): boolean {
  return subjects.some((subject) => {
    switch (subject.kind) {
      case 'ServiceAccount': return user.name === `system:serviceaccount:${subject.namespace ?? namespace ?? ''}:${subject.name}`;
      case 'Group': return user.groups.includes(subject.name);
      default: return user.name === subject.name;
    }
  });
}

/** Of a ClusterRole that aggregates: the rules of those that its labels select. */
function rulesOf({ store }: Cluster, kind: string, id: string): readonly AccessRule[] {
  const role = store.get(`${rbac}/${kind === 'ClusterRole' ? 'clusterroles' : 'roles'}`, id) as unknown as Role | undefined;
  const selectors = role?.aggregationRule?.clusterRoleSelectors ?? [];
  const aggregated = store.all(`${rbac}/clusterroles`)
    .filter(({ metadata: { labels = {} } }) => selectors.some(({ matchLabels = {} }) => Object.entries(matchLabels).every(([name, value]) => labels[name] === value)))
    .flatMap((part) => (part as unknown as Role).rules ?? []);
  return [...(role?.rules ?? []), ...aggregated];
}
