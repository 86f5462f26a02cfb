import type { Logger } from '../operations/logging.ts';
import type { Client } from './client.ts';
import { microTime } from './micro-time.ts';
import type { ObjectMeta } from './resources/kinds.ts';

export interface EventRecorderOptions {
  readonly client: Client;
  /** `holdfast.dev/controller` */
  readonly controller: string;
  /** The pod's name. */
  readonly instance: string;
  readonly log: Logger;
  readonly now?: () => Date;
}

export interface Happening {
  readonly regarding: { readonly apiVersion: string; readonly kind: string; readonly metadata: ObjectMeta };
  readonly type: 'Normal' | 'Warning';
  /** UpperCamel, machine-readable: `BackupFailed`. */
  readonly reason: string;
  /** UpperCamel: what was done: `CreateJob`. */
  readonly action: string;
  readonly note: string;
}

/** Writes what `kubectl describe` and `kubectl events` show. The same again within minutes is counted, not written anew. */
export interface EventRecorder {
  /** Never throws and never rejects: an event that cannot be written is logged. */
  record(happening: Happening, options: { readonly signal: AbortSignal }): Promise<void>;
}

interface Series {
  readonly name: string;
  readonly namespace: string;
  count: number;
  lastMs: number;
  writtenMs: number;
}

/** The same within this time is one series. */
const seriesMs = 600_000;
/** A series is written no more often. */
const writeEveryMs = 60_000;
const mostSeries = 1_000;
/** What the API server takes of a note, and of a pod's name. */
const noteBytes = 1_024;
const longestInstance = 128;

/** Events are told to people and kept for an hour: they are worth one request each, and no retry. */
export function createEventRecorder({ client, controller, instance, log, now = () => new Date() }: EventRecorderOptions): EventRecorder {
  const known = new Map<string, Series>();

  const repeat = async (series: Series, at: Date, signal: AbortSignal): Promise<void> => {
    series.count += 1;
    series.lastMs = at.getTime();
    if (at.getTime() - series.writtenMs < writeEveryMs) return;
    series.writtenMs = at.getTime();
    await client.patch('Event', series, { series: { count: series.count, lastObservedTime: microTime(at) } }, { signal });
  };

  const write = async (happening: Happening, at: Date, signal: AbortSignal): Promise<void> => {
    const key = keyOfHappening(happening);
    const before = known.get(key);
    if (before !== undefined && at.getTime() - before.lastMs < seriesMs) return repeat(before, at, signal);
    const { action, note, reason, regarding, type } = happening;
    const { name, namespace } = regarding.metadata;
    const series = { name: eventName(name, at), namespace, count: 1, lastMs: at.getTime(), writtenMs: at.getTime() };
    forgetOldest(known);
    known.set(key, series);
    const event = {
      eventTime: microTime(at),
      reportingController: controller,
      reportingInstance: instance.slice(0, longestInstance),
      type,
      reason,
      action,
      note: cutText(note, noteBytes),
      regarding: { apiVersion: regarding.apiVersion, kind: regarding.kind, name, namespace, uid: regarding.metadata.uid, resourceVersion: regarding.metadata.resourceVersion },
    };
    await client.create('Event', { metadata: { name: series.name, namespace }, ...event }, { signal });
  };

  return {
    async record(happening, { signal }) {
      try {
        await write(happening, now(), signal);
      } catch (error) {
        if (signal.aborted) return;
        const { kind, metadata } = happening.regarding;
        log.warn({ err: error, kind, object: `${metadata.namespace}/${metadata.name}`, reason: happening.reason }, 'event was not written');
      }
    },
  };
}

function keyOfHappening({ action, note, reason, regarding: { kind, metadata }, type }: Happening): string {
  return JSON.stringify([kind, metadata.uid ?? `${metadata.namespace}/${metadata.name}`, type, reason, action, note]);
}

/** As client-go names them: unique, and sorted by time. */
function eventName(regarding: string, at: Date): string {
  const suffix = (BigInt(at.getTime()) * 1_000_000n + BigInt(Math.floor(Math.random() * 1_000_000))).toString(16);
  return `${regarding.slice(0, 253 - suffix.length - 1)}.${suffix}`;
}

/** Of a text so many bytes, and no broken character at the end. */
function cutText(text: string, bytes: number): string {
  return new TextDecoder().decode(Buffer.from(text).subarray(0, bytes), { stream: true });
}

function forgetOldest(known: Map<string, Series>): void {
  if (known.size < mostSeries) return;
  const [oldest] = known.keys();
  if (oldest !== undefined) known.delete(oldest);
}
