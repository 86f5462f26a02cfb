import { mayDo } from './access.ts';
import type { ApiObject } from './api-object.ts';
import type { Cluster } from './cluster.ts';
import type { ResourceType } from './resource-types.ts';
import type { AccessRule, User, Users } from './users.ts';

interface ReviewSpec {
  readonly token?: string;
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly resourceAttributes?: { readonly verb?: string; readonly group?: string; readonly resource?: string; readonly subresource?: string; readonly namespace?: string; readonly name?: string };
}

/** Answers a TokenReview or a (Self)SubjectAccessReview, which are asked and not stored; undefined for other objects. */
export function review({ cluster, users, access }: { readonly cluster: Cluster; readonly users: Users; readonly access: ReadonlyMap<string, readonly AccessRule[]> }, type: ResourceType, object: ApiObject, asker: User): object | undefined {
  const spec = (object['spec'] ?? {}) as ReviewSpec;
  switch (type.kind) {
    case 'TokenReview': {
      const user = users.holderOf(spec.token ?? '');
      return { ...object, status: user === undefined ? { authenticated: false, error: 'invalid bearer token' } : { authenticated: true, user: { username: user.name, groups: user.groups } } };
    }
    case 'SubjectAccessReview':
    case 'SelfSubjectAccessReview': {
      const user = type.kind === 'SelfSubjectAccessReview' ? asker : { name: spec.user ?? '', groups: spec.groups ?? [] };
      const { verb = '', group = '', resource = '', ...where } = spec.resourceAttributes ?? {};
      return { ...object, status: { allowed: mayDo(cluster, access, user, { verb, group, plural: resource, ...where }) } };
    }
    default:
      return undefined;
  }
}
