import { createHash } from 'node:crypto';
import type { Client } from '../../kubernetes/client.ts';
import { group } from '../../kubernetes/resources/names.ts';
import type { Cache } from '../../operations/cache/cache.ts';
import type { Waiting } from '../../operations/sessions/session-store.ts';
import type { ClusterUser } from './cluster-user.ts';

/** What somebody wants to do with resources of ours. */
export interface WantedAccess {
  readonly verb: 'get' | 'list' | 'create';
  /** `backupschedules` */
  readonly resource: string;
  /** Absent: in all. */
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/**
 * The API server's verdicts. Each is kept for some seconds, in this process: so long a token still works that was revoked, and a right that was
 * taken away. While the API server is away nobody is taken for anybody: its 503 errors are thrown.
 */
export interface Reviews {
  /** Whose token it is; undefined where the cluster does not take it. `admit` is asked before the API server is, and throws where it shall not be. */
  userOf(token: string, waiting: Waiting & { readonly admit: () => Promise<void> }): Promise<ClusterUser | undefined>;
  allows(user: ClusterUser, access: WantedAccess, waiting: Waiting): Promise<boolean>;
}

const keptSeconds = 10;

export function createReviews({ client, cache }: { readonly client: Client; readonly cache: Cache }): Reviews {
  const kept = async <Verdict>(asked: readonly unknown[], { signal }: Waiting, ask: (signal: AbortSignal) => Promise<Verdict>): Promise<Verdict> =>
    cache.cached(hashOf(asked), { ttlSeconds: keptSeconds, signal }, ask);
  return {
    userOf: async (token, { signal, admit }) => {
      const user = await kept(['token', token], { signal }, async (load) => {
        await admit();
        return reviewToken(client, token, load);
      });
      return user ?? undefined;
    },
    allows: async (user, access, waiting) => kept(['access', user, access], waiting, async (signal) => reviewAccess(client, user, access, signal)),
  };
}

/** Tokens are not to be found in the cache. */
function hashOf(asked: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(asked)).digest('base64url');
}

/** Null, which JSON can hold, where the cluster does not take it. */
async function reviewToken(client: Client, token: string, signal: AbortSignal): Promise<ClusterUser | null> {
  const { status } = await client.create('TokenReview', { metadata: { name: '' }, spec: { token } }, { signal });
  const { username, uid, groups = [], extra } = status?.user ?? {};
  if (status?.authenticated !== true || username === undefined) return null;
  return { username, uid, groups, extra };
}

async function reviewAccess(client: Client, { username, uid, groups, extra }: ClusterUser, access: WantedAccess, signal: AbortSignal): Promise<boolean> {
  const spec = { user: username, uid, groups, extra, resourceAttributes: { group, ...access } };
  const { status } = await client.create('SubjectAccessReview', { metadata: { name: '' }, spec }, { signal });
  return status?.allowed === true;
}
