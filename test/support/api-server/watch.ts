import type { ServerResponse } from 'node:http';
import type { ApiObject } from './api-object.ts';
import type { Change, ObjectStore } from './object-store.ts';
import { expired } from './refusal.ts';
import { apiVersionOf, type ResourceType, storageKey } from './resource-types.ts';
import type { Matches } from './selectors.ts';

export interface WatchRequest {
  readonly type: ResourceType;
  readonly matches: Matches;
  /** Undefined or 0: begin with what is there. */
  readonly revision: number | undefined;
  readonly bookmarks: boolean;
  /** Tells what is there whatever the revision, and by a bookmark where that ends: a list by way of a watch. */
  readonly sendInitialEvents: boolean;
  readonly timeoutSeconds: number;
}

/** A watch that is open: what a test can do to it. */
export interface OpenWatch {
  readonly type: ResourceType;
  /** Ends the connection as a dying server does. */
  cut(): void;
  /** Says nothing more, and stays open. */
  silence(): void;
  /** Tells that the revision is too old, and ends. */
  expire(): void;
}

const bookmarkMs = 1_000;

/** Streams changes until the client goes or the time is over; returns what can be done to it, and tells of its end by `onEnd`. */
export function openWatch(store: ObjectStore, response: ServerResponse, request: WatchRequest, onEnd: (watch: OpenWatch) => void): OpenWatch {
  const { type, matches, revision, bookmarks, sendInitialEvents, timeoutSeconds } = request;
  const key = storageKey(type);
  const backlog = revision === undefined || revision === 0 || sendInitialEvents ? undefined : store.since(key, revision);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  let silent = false;
  const send = (event: { readonly type: string; readonly object: object }): void => {
    if (!silent) response.write(`${JSON.stringify(event)}\n`);
  };
  const sendChange = (change: Change): void => {
    const event = seenThrough(matches, change);
    if (event !== undefined) send(event);
  };
  const sendBookmark = (annotations?: Readonly<Record<string, string>>): void => {
    send({ type: 'BOOKMARK', object: { kind: type.kind, apiVersion: apiVersionOf(type), metadata: { resourceVersion: String(store.revision), creationTimestamp: null, ...(annotations && { annotations }) } } });
  };
  if (backlog === undefined) for (const object of store.all(key).filter(matches)) send({ type: 'ADDED', object });
  else backlog.forEach(sendChange);
  if (sendInitialEvents) sendBookmark({ 'k8s.io/initial-events-end': 'true' });

  const stopListening = store.listen(key, sendChange);
  const bookmarkTimer = bookmarks ? setInterval(() => { sendBookmark(); }, bookmarkMs) : undefined;
  const end = setTimeout(() => { response.end(); }, timeoutSeconds * 1000);
  const watch: OpenWatch = {
    type,
    cut: () => { response.socket?.destroy(); },
    silence: () => { silent = true; },
    expire: () => {
      send({ type: 'ERROR', object: expired(`too old resource version: ${revision ?? 0} (${store.revision})`).body() });
      response.end();
    },
  };
  response.on('close', () => {
    stopListening();
    clearInterval(bookmarkTimer);
    clearTimeout(end);
    onEnd(watch);
  });
  return watch;
}

/** An object that begins to match appears as added, one that ceases to match as deleted. */
function seenThrough(matches: Matches, { type, object, previous }: Change): { readonly type: string; readonly object: ApiObject } | undefined {
  const seenBefore = previous !== undefined && matches(previous);
  if (type !== 'DELETED' && matches(object)) return { type: seenBefore ? 'MODIFIED' : 'ADDED', object };
  if (!seenBefore) return undefined;
  return { type: 'DELETED', object: { ...previous, metadata: { ...previous.metadata, resourceVersion: object.metadata.resourceVersion ?? '' } } };
}
