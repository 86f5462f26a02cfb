import type { ServiceContext, ServiceMiddleware } from '../http/service.ts';

export interface ReportContext {
  /** Of the answer and the log line that tell of this error. */
  readonly errorId?: string;
  /** The request that failed; by default the one under way. */
  readonly ctx?: ServiceContext;
  /** Few and short: what errors are searched and counted by. */
  readonly tags?: Readonly<Record<string, string | number | boolean>>;
  /** Whatever helps who reads it. Secrets in it are filtered, by key and by shape. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Carries a trace from who publishes a task to who runs it. Empty when the publisher is not traced. */
export interface TaskTrace {
  readonly 'sentry-trace'?: string;
  readonly baggage?: string;
}

/** A task of a queue or a schedule. */
export interface TrackedTask {
  readonly queue: string;
  readonly id: string;
  /** When it was published, to measure how long it waited. */
  readonly publishedAt?: Date;
  readonly trace?: TaskTrace;
}

/** A schedule that is watched: Sentry raises an alarm when a check-in is missing, late or bad. */
export interface Monitor {
  /** Stable, at most 50 of a-z, 0-9, dash and underscore: see `monitorSlug`. */
  readonly slug: string;
  /** Five fields of cron. */
  readonly schedule: string;
  /** A name of the tz database. */
  readonly timezone: string;
  readonly maxRuntimeMinutes: number;
}

/**
 * What error tracking does for a process. It is the same whether Sentry is on or off (`errorTrackingOff`), so that no caller
 * asks. Nothing here throws of itself, and nothing that carries a secret leaves.
 */
export interface ErrorTracking {
  readonly on: boolean;
  /** Goes first in an application: gives each request a scope of its own, and traces the share that the rate says. Empty when off. */
  readonly middleware: readonly ServiceMiddleware[];
  /** Sends one event of an unexpected error, however often the same error object is reported, and none of any other. */
  readonly report: (error: unknown, context?: ReportContext) => void;
  /** Values that are sent from now on by no means, whatever stands around them: keys and passwords that were read from files. */
  readonly hide: (secrets: readonly string[]) => void;
  /** Tags whatever is reported in this request or task from here on. */
  readonly tag: (tags: Readonly<Record<string, string | number | boolean>>) => void;
  /** Adds named facts to whatever is reported in this request or task from here on. */
  readonly attach: (name: string, facts: Readonly<Record<string, unknown>>) => void;
  /** A step on the way that a later report shows. Log lines of level info and above leave theirs by themselves. */
  readonly breadcrumb: (message: string, data?: Readonly<Record<string, unknown>>) => void;
  /** Measures a piece of a traced request or task; in others it costs next to nothing. */
  readonly span: <Result>(name: string, work: () => Promise<Result>) => Promise<Result>;
  /** Publishes a task: what `publish` gets travels with it, for `runTask`. */
  readonly publishTask: <Result>(task: TrackedTask, publish: (trace: TaskTrace) => Promise<Result>) => Promise<Result>;
  /** Runs a task in a scope of its own, traced like a request. Rethrows its failure, reported if it is unexpected. */
  readonly runTask: <Result>(task: TrackedTask, work: () => Promise<Result>) => Promise<Result>;
  /** Checks in before and after `work`, which went well if it neither throws nor fails `succeeded`. */
  readonly checkIn: <Result>(monitor: Monitor, work: () => Promise<Result>, succeeded?: (result: Result) => boolean) => Promise<Result>;
  /** Sends what waits, for at most so many milliseconds: last in a shutdown. Says whether all was sent. */
  readonly flush: (limitMs: number) => Promise<boolean>;
}

const nothing = (): void => undefined;

/** Error tracking of a process without SENTRY_DSN. */
export const errorTrackingOff: ErrorTracking = {
  on: false,
  middleware: [],
  report: nothing,
  hide: nothing,
  tag: nothing,
  attach: nothing,
  breadcrumb: nothing,
  span: (_name, work) => work(),
  publishTask: (_task, publish) => publish({}),
  runTask: (_task, work) => work(),
  checkIn: (_monitor, work) => work(),
  flush: () => Promise.resolve(true),
};

/** The slug of a monitor, such as `backup-shop`, made of words that may hold anything. */
export function monitorSlug(...words: readonly string[]): string {
  return words
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '-')
    .slice(0, 50)
    .replace(/^-+|-+$/g, '');
}
