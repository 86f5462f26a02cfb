import type { ApiObject } from './api-object.ts';
import type { Cluster } from './cluster.ts';
import { Refusal } from './refusal.ts';
import type { ResourceType } from './resource-types.ts';
import { celExpression, celValue } from './schema/cel.ts';
import type { User } from './users.ts';

export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly type: ResourceType;
  readonly user: User;
  readonly subresource?: string | undefined;
  readonly object: ApiObject | undefined;
  readonly oldObject: ApiObject | undefined;
}

interface PolicySpec {
  readonly failurePolicy?: 'Fail' | 'Ignore';
  readonly matchConstraints?: { readonly resourceRules?: readonly { readonly apiGroups: readonly string[]; readonly apiVersions: readonly string[]; readonly operations: readonly string[]; readonly resources: readonly string[] }[] };
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
  readonly variables?: readonly { readonly name: string; readonly expression: string }[];
  readonly validations: readonly { readonly expression: string; readonly message?: string; readonly messageExpression?: string; readonly reason?: string }[];
}

interface BindingSpec {
  readonly policyName: string;
  readonly validationActions: readonly string[];
  readonly matchResources?: { readonly namespaceSelector?: { readonly matchLabels?: Readonly<Record<string, string>> } };
}

const group = 'admissionregistration.k8s.io';

/** Refuses what a ValidatingAdmissionPolicy that is bound in the cluster denies. */
export function admit(cluster: Cluster, request: AdmissionRequest): void {
  for (const binding of cluster.store.all(`${group}/validatingadmissionpolicybindings`)) {
    const { policyName, validationActions, matchResources } = binding['spec'] as BindingSpec;
    const policy = cluster.store.get(`${group}/validatingadmissionpolicies`, `/${policyName}`)?.['spec'] as PolicySpec | undefined;
    const subject = request.object ?? request.oldObject;
    const namespaceObject = cluster.store.get('/namespaces', `/${subject?.metadata.namespace ?? ''}`);
    const wantedLabels = Object.entries(matchResources?.namespaceSelector?.matchLabels ?? {});
    if (policy === undefined || !validationActions.includes('Deny') || !concerns(policy, request)) continue;
    if (!wantedLabels.every(([name, value]) => namespaceObject?.metadata.labels?.[name] === value)) continue;
    judge(policy, request, variablesOf(policy, request, namespaceObject), `ValidatingAdmissionPolicy '${policyName}' with binding '${binding.metadata.name ?? ''}' denied request`);
  }
}

function concerns({ matchConstraints }: PolicySpec, { operation, type, subresource }: AdmissionRequest): boolean {
  const resource = subresource === undefined ? type.plural : `${type.plural}/${subresource}`;
  return (matchConstraints?.resourceRules ?? []).some((rule) => has(rule.apiGroups, type.group) && has(rule.apiVersions, type.version) && has(rule.operations, operation) && has(rule.resources, resource));
}

function has(list: readonly string[], wanted: string): boolean {
  return list.includes('*') || list.includes(wanted);
}

function variablesOf({ variables = [] }: PolicySpec, { operation, type, user, object, oldObject }: AdmissionRequest, namespaceObject: ApiObject | undefined): Record<string, unknown> {
  const { name, namespace } = (object ?? oldObject)?.metadata ?? {};
  const context: Record<string, unknown> = {
    object: celValue(object ?? null),
    oldObject: celValue(oldObject ?? null),
    namespaceObject: celValue(namespaceObject ?? null),
    params: null,
    request: {
      operation, name: name ?? '', namespace: namespace ?? '',
      kind: { group: type.group, version: type.version, kind: type.kind },
      resource: { group: type.group, version: type.version, resource: type.plural },
      userInfo: { username: user.name, groups: user.groups },
    },
  };
  const computed: Record<string, unknown> = {};
  for (const variable of variables) computed[variable.name] = celExpression(variable.expression)({ ...context, variables: computed });
  return { ...context, variables: computed };
}

function judge({ matchConditions = [], validations, failurePolicy = 'Fail' }: PolicySpec, { type, object, oldObject }: AdmissionRequest, context: Record<string, unknown>, whose: string): void {
  const deny = (why: string, reason = 'Invalid'): never => {
    const { name = '' } = (object ?? oldObject)?.metadata ?? {};
    throw new Refusal(reason === 'Forbidden' ? 403 : 422, reason, `${type.plural}.${type.group} "${name}" is forbidden: ${whose}: ${why}`, { name, group: type.group, kind: type.plural });
  };
  const evaluate = (expression: string, variables = context): unknown => {
    try {
      return celExpression(expression)(variables);
    } catch (error) {
      return failurePolicy === 'Ignore' ? true : deny(`expression '${expression}' resulted in error: ${String(error)}`);
    }
  };
  // As the real one, which knows the namespace in validations alone.
  const withoutNamespace = { ...context, namespaceObject: null };
  if (!matchConditions.every(({ expression }) => evaluate(expression, withoutNamespace) === true)) return;
  for (const { expression, message, messageExpression, reason } of validations) {
    if (evaluate(expression) === true) continue;
    deny(messageExpression === undefined ? (message ?? `failed expression: ${expression}`) : String(evaluate(messageExpression)), reason);
  }
}
