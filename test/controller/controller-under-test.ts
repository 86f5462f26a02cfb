import { compose, type Controller } from '../../src/controller/compose.ts';
import { readControllerConfiguration } from '../../src/controller/configuration.ts';
import { type Client, createClient } from '../../src/kubernetes/client.ts';
import { connect } from '../../src/kubernetes/connect.ts';
import { definitions } from '../../src/kubernetes/resources/definitions.ts';
import { errorTrackingOff } from '../../src/operations/sentry/error-tracking.ts';
import { type ApiServer, startApiServer } from '../support/api-server/start.ts';
import type { AccessRule } from '../support/api-server/users.ts';
import { captureLog } from '../support/captured-log.ts';

/** As the chart grants it; test/charts compares them. */
export const controllerRules: readonly AccessRule[] = [
  { apiGroups: ['holdfast.dev'], resources: ['backuprepositories', 'backupschedules', 'restores'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['holdfast.dev'], resources: ['backups', 'drills'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { apiGroups: ['holdfast.dev'], resources: ['backuprepositories', 'backupschedules', 'backups', 'restores', 'drills'].map((plural) => `${plural}/status`), verbs: ['get', 'patch'] },
  { apiGroups: ['batch'], resources: ['cronjobs', 'jobs'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create', 'get', 'update'] },
];

export const controllerUser = 'system:serviceaccount:holdfast:controller';

/** A cluster that knows our kinds, with the namespaces `shop` and `holdfast`. */
export async function startCluster(objects: readonly object[] = []): Promise<ApiServer> {
  const namespaces = ['holdfast', 'shop'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
  return startApiServer({ objects: [...definitions(), ...namespaces, ...objects], access: { [controllerUser]: controllerRules } });
}

/** Who has the cluster, not the controller. */
export async function adminOf(server: ApiServer): Promise<Client> {
  return createClient({ connection: connect({ environment: {}, kubeconfig: await server.kubeConfigFile(), userAgent: 'test' }), fieldManager: 'test' });
}

export function controllerEnvironment(identity: string): Record<string, string> {
  return { HOLDFAST_JOB_IMAGE: 'holdfast-job:test', HOLDFAST_LEASE_NAMESPACE: 'holdfast', HOLDFAST_IDENTITY: identity, HOLDFAST_MANAGEMENT_HOST: '127.0.0.1', HOLDFAST_MANAGEMENT_PORT: '0' };
}

export interface RunningController extends Controller {
  readonly log: ReturnType<typeof captureLog>;
  /** The controller's clock runs ahead of this machine's by so much from now on. */
  advance(milliseconds: number): void;
  stop(): Promise<void>;
}

/** Starts a replica of the controller in this process, by its own service account. */
export async function startController(server: ApiServer, { identity = 'controller-0' }: { readonly identity?: string } = {}): Promise<RunningController> {
  let aheadMs = 0;
  const log = captureLog();
  const controller = compose(readControllerConfiguration(controllerEnvironment(identity)), {
    connection: connect({ environment: {}, kubeconfig: await server.kubeConfigFile(controllerUser), userAgent: 'holdfast-controller/test' }),
    log: log.log,
    tracking: errorTrackingOff,
    version: 'test',
    now: () => new Date(Date.now() + aheadMs),
    times: { leaseSeconds: 2, renewDeadlineMs: 1_500, retryMs: 100, forgetAfterMs: 300 },
  });
  const signal = new AbortController().signal;
  for (const part of controller.parts) await part.start?.(signal);
  return {
    ...controller,
    log,
    advance: (milliseconds) => { aheadMs += milliseconds; },
    stop: async () => {
      for (const part of controller.parts.toReversed()) await part.stop?.(AbortSignal.abort());
    },
  };
}
