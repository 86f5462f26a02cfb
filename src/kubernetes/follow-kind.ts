import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../operations/logging.ts';
import { backOff } from './back-off.ts';
import type { Client, WatchEvent } from './client.ts';
import { clusterErrors, isClusterError } from './cluster-errors.ts';
import type { AnyKind, ObjectOf } from './objects.ts';

export interface FollowLimits {
  /** Objects that are asked for at once. */
  readonly pageSize: number;
  /** The server is asked to end each watch after this long; the next one starts where it was. */
  readonly watchSeconds: number;
  /** A watch that has said nothing for so long, not even a bookmark (servers send one a minute), is taken for dead. */
  readonly staleAfterMs: number;
  /** Everything is listed anew this often, give or take a fifth: what was missed all the same is found. */
  readonly relistMs: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

export const defaultFollowLimits: FollowLimits = { pageSize: 250, watchSeconds: 300, staleAfterMs: 150_000, relistMs: 1_800_000, firstDelayMs: 500, maxDelayMs: 30_000 };

/** What is told of the objects that are followed. */
export interface Follower<Kind extends AnyKind> {
  /** Of a list, page by page; `listed` after the last of them. */
  onPage(items: readonly ObjectOf<Kind>[]): void;
  onListed(): void;
  onEvent(event: WatchEvent<ObjectOf<Kind>>): void;
  /** The server was heard of: all is as fresh as it can be. */
  onHeard(): void;
  /** A list or watch failed, or fell silent, and is started over. */
  onRestart(): void;
}

export interface FollowOptions<Kind extends AnyKind> {
  readonly client: Client;
  readonly kind: Kind;
  readonly namespace: string | undefined;
  readonly labelSelector: string | undefined;
  readonly follower: Follower<Kind>;
  readonly limits: FollowLimits;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** After so many failures in a row everything is listed: a resourceVersion may be of no use in ways that no status tells. */
const listAfterFailures = 3;

interface State {
  /** Where the next watch starts; absent: list first. */
  resourceVersion: string | undefined;
  relistAtMs: number;
  failures: number;
}

/**
 * Lists, then watches from there, again and again until aborted, whatever fails: never returns early and never throws. Watches end silently in
 * many ways (a proxy's timeout, a half-open connection, a server that went away), so that none is trusted for long.
 */
export async function followKind<Kind extends AnyKind>(options: FollowOptions<Kind>): Promise<void> {
  const { follower, kind, limits, log, namespace, signal } = options;
  const state: State = { resourceVersion: undefined, relistAtMs: 0, failures: 0 };
  const heard = () => {
    if (state.failures > 0) log.info({ kind, namespace, failures: state.failures }, 'watch recovered');
    state.failures = 0;
    follower.onHeard();
  };
  while (!signal.aborted) {
    try {
      if (state.resourceVersion === undefined || Date.now() >= state.relistAtMs) await list(options, state);
      await watch(options, state, heard);
    } catch (error) {
      if (signal.aborted) return;
      state.failures += 1;
      if (!mayGoOn(error) || state.failures >= listAfterFailures) state.resourceVersion = undefined;
      if (state.failures === 1) log.warn({ err: error, kind, namespace }, 'watch failed, and is started over');
      follower.onRestart();
      await sleep(backOff(state.failures, limits), undefined, { signal }).catch(() => undefined);
    }
  }
}

async function list<Kind extends AnyKind>({ client, follower, kind, labelSelector, limits, namespace, signal }: FollowOptions<Kind>, state: State): Promise<void> {
  let next: string | undefined;
  let resourceVersion: string;
  do {
    const page = await client.listPage(kind, { namespace, labelSelector }, { limit: limits.pageSize, next, signal });
    follower.onPage(page.items);
    ({ next, resourceVersion } = page);
  } while (next !== undefined);
  follower.onListed();
  state.resourceVersion = resourceVersion;
  state.relistAtMs = Date.now() + limits.relistMs * (0.8 + Math.random() * 0.4);
  // Not yet the end of a trouble: watches may fail where lists do not.
  follower.onHeard();
}

/** Until the server ends it as it was asked to. Throws on every other end. */
async function watch<Kind extends AnyKind>({ client, follower, kind, labelSelector, limits, namespace, signal }: FollowOptions<Kind>, state: State, heard: () => void): Promise<void> {
  const { resourceVersion = '' } = state;
  const startedAtMs = Date.now();
  const timeoutSeconds = Math.max(1, Math.ceil(Math.min(limits.watchSeconds, (state.relistAtMs - startedAtMs) / 1000)));
  const watchdog = createWatchdog(limits.staleAfterMs);
  try {
    for await (const event of client.watch(kind, { namespace, labelSelector, resourceVersion, timeoutSeconds }, { signal: AbortSignal.any([signal, watchdog.signal]) })) {
      watchdog.heard();
      state.resourceVersion = event.object.metadata.resourceVersion ?? state.resourceVersion;
      if (event.type !== 'BOOKMARK') follower.onEvent(event);
      heard();
    }
  } catch (error) {
    throw watchdog.signal.aborted ? silent(client) : error;
  } finally {
    watchdog.stop();
  }
  // A server that ends watches at once would be asked without a pause.
  if (Date.now() - startedAtMs < limits.firstDelayMs && Date.now() < state.relistAtMs) throw cutShort(client);
  heard();
}

/** What is kept of where a watch was is still good when the server was only away. */
function mayGoOn(error: unknown): boolean {
  return isClusterError(error, 'CLUSTER_UNREACHABLE') || isClusterError(error, 'CLUSTER_UNAVAILABLE') || isClusterError(error, 'CLUSTER_UNAUTHORIZED');
}

function silent({ server }: Client) {
  return clusterErrors.CLUSTER_UNREACHABLE({ server, reason: 'a watch fell silent' });
}

function cutShort({ server }: Client) {
  return clusterErrors.CLUSTER_UNREACHABLE({ server, reason: 'a watch ended at once' });
}

/** Aborts when nothing is heard for so long. */
function createWatchdog(silentAfterMs: number) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), silentAfterMs);
  return { signal: controller.signal, heard: () => void timer.refresh(), stop: () => clearTimeout(timer) };
}
