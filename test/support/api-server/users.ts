import { randomBytes } from 'node:crypto';

export interface User {
  readonly name: string;
  readonly groups: readonly string[];
}

/** As a rule of a Role; `*` is anything. */
export interface AccessRule {
  readonly apiGroups: readonly string[];
  /** `jobs`, `backups/status`. */
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
  /** All, and the cluster's scope, where not given. */
  readonly namespaces?: readonly string[];
}

/** Who holds which bearer token. */
export class Users {
  readonly #tokens = new Map<string, string>();

  /** The same for the same name; anyone may be named, service accounts as `system:serviceaccount:<namespace>:<name>`. */
  tokenFor(name: string): string {
    const known = [...this.#tokens].find(([, holder]) => holder === name)?.[0];
    if (known !== undefined) return known;
    const token = randomBytes(24).toString('base64url');
    this.#tokens.set(token, name);
    return token;
  }

  holderOf(token: string): User | undefined {
    const name = this.#tokens.get(token);
    return name === undefined ? undefined : userOf(name);
  }

  revoke(name: string): void {
    for (const [token, holder] of this.#tokens) if (holder === name) this.#tokens.delete(token);
  }
}

export const administrator = 'admin';

export function userOf(name: string): User {
  return { name, groups: groupsOf(name) };
}

function groupsOf(name: string): string[] {
  const namespace = /^system:serviceaccount:([^:]+):[^:]+$/.exec(name)?.[1];
  return [
    ...(namespace === undefined ? [] : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]),
    ...(name === administrator ? ['system:masters'] : []),
    'system:authenticated',
  ];
}
