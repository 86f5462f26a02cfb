import { HoldfastError } from '../errors.ts';
import type { Health } from '../health/health.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { Logger } from '../logging.ts';
import { answerOf, errorAnswer, jsonAnswer, type ManagementAnswer, type ManagementRequest } from './exchange.ts';
import { setLogLevel, showLogLevel } from './log-level.ts';
import { managementErrors } from './management-errors.ts';
import { maskConfiguration } from './mask-configuration.ts';
import { readyz, readyzOf, startupz } from './readiness.ts';

/** A task that runs by schedule, as `/tasks` shows it; times as ISO 8601. */
export interface ScheduledTask {
  readonly name: string;
  readonly schedule: string;
  readonly lastRun?: { readonly at: string; readonly outcome: string };
  readonly nextRun?: string;
}

/** What the management port shows of the service; what is not given has no page. */
export interface Inspection {
  /** Secrets are masked before they are shown. */
  readonly configuration?: () => Readonly<Record<string, unknown>>;
  readonly routes?: () => readonly { readonly method: string; readonly path: string }[];
  readonly tasks?: () => readonly ScheduledTask[] | Promise<readonly ScheduledTask[]>;
  readonly migrations?: () => unknown;
}

export interface AnswerOptions {
  readonly health: Health;
  readonly lifecycle: Readonly<Lifecycle>;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>;
  readonly inspection?: Inspection;
  /** Its own level is what `/log-level` shows and sets. */
  readonly log: Logger;
}

type Page = (request: ManagementRequest, query: URLSearchParams) => ManagementAnswer | Promise<ManagementAnswer>;
type Methods = Readonly<Record<string, Page>>;

/** Answers all of the management port but `/livez`. Never throws. */
export function createAnswer(options: AnswerOptions): (request: ManagementRequest) => Promise<ManagementAnswer> {
  const pages = pagesOf(options);
  return async (request) => {
    const [path = '/', query] = request.url.split('?', 2);
    const check = /^\/readyz\/([\w-]+)$/.exec(path)?.[1];
    const methods = check === undefined ? pages.get(path) : { GET: () => readyzOf(options, check) };
    try {
      if (methods === undefined) throw managementErrors.MANAGEMENT_PATH_UNKNOWN({ path });
      const page = methods[request.method === 'HEAD' ? 'GET' : request.method];
      if (page === undefined) return methodRefused(request.method, path, methods);
      return await page(request, new URLSearchParams(query));
    } catch (err) {
      if (!(err instanceof HoldfastError)) options.log.error({ err, path }, 'the management port could not answer');
      return errorAnswer(err, path);
    }
  };
}

function pagesOf({ inspection = {}, log, metrics, ...readiness }: AnswerOptions): ReadonlyMap<string, Methods> {
  const { configuration, routes, tasks, migrations } = inspection;
  const pages = new Map<string, Methods>([
    ['/readyz', { GET: (_, query) => readyz(readiness, query) }],
    ['/startupz', { GET: () => startupz(readiness) }],
    ['/metrics', { GET: async () => metrics().then(({ contentType, body }) => answerOf(200, contentType, body)) }],
    ['/log-level', { GET: () => showLogLevel(log), PUT: (request) => setLogLevel(log, request) }],
  ]);
  const show = (path: string, read: (() => unknown) | undefined) => {
    if (read !== undefined) pages.set(path, { GET: async () => jsonAnswer(200, await read()) });
  };
  show('/configuration', configuration && (() => maskConfiguration(configuration())));
  show('/routes', routes);
  show('/tasks', tasks);
  show('/migrations', migrations);
  show('/', () => ({ paths: ['/livez', '/readyz/<check>', ...pages.keys()] }));
  return pages;
}

function methodRefused(method: string, path: string, methods: Methods): ManagementAnswer {
  const allowed = ['HEAD', ...Object.keys(methods)].join(', ');
  const answer = errorAnswer(managementErrors.MANAGEMENT_METHOD_REFUSED({ path, method, allowed }), path);
  return { ...answer, headers: { ...answer.headers, Allow: allowed } };
}
