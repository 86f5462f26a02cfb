import { type Client, createClient } from '../../../src/kubernetes/client.ts';
import { connect } from '../../../src/kubernetes/connect.ts';
import { definitions } from '../../../src/kubernetes/resources/definitions.ts';
import { apiVersion, group } from '../../../src/kubernetes/resources/names.ts';
import { type ApiServer, startApiServer } from '../../support/api-server/start.ts';
import type { AccessRule } from '../../support/api-server/users.ts';
import { type ServiceUnderTest, startService } from '../service-under-test.ts';
import { type Answer, Visitor } from '../visitor.ts';

/** As whom the service asks the API server. */
export const serviceUser = 'system:serviceaccount:holdfast:holdfast-api';

const plurals = ['backuprepositories', 'backupschedules', 'backups', 'restores', 'drills'];

/** What the chart's role for the service has, and no more. */
const serviceRules: readonly AccessRule[] = [
  { apiGroups: [group], resources: plurals, verbs: ['get', 'list', 'watch'] },
  { apiGroups: [group], resources: ['backups', 'restores', 'drills'], verbs: ['create'] },
  { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
  { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
];

export const mayView = (namespaces?: readonly string[]): AccessRule => ({ apiGroups: [group], resources: plurals, verbs: ['get', 'list', 'watch'], ...(namespaces && { namespaces }) });
export const mayRequest = (namespaces?: readonly string[]): AccessRule => ({ apiGroups: [group], resources: ['backups', 'restores', 'drills'], verbs: ['create'], ...(namespaces && { namespaces }) });

export const repositorySpec = { s3: { bucket: 'backups' }, keysSecret: { name: 'keys' } };
export const scheduleSpec = { repositoryRef: { name: 'main' }, source: { postgres: { addressSecret: { name: 'shop-database' } } }, schedule: 'H 2 * * *' };

export function resource(kind: string, namespace: string, name: string, spec: object, status?: object): object {
  return { apiVersion, kind, metadata: { namespace, name }, spec, ...(status !== undefined && { status }) };
}

/** Two teams with a repository and a schedule each. */
export const twoTeams: readonly object[] = ['shop', 'stock'].flatMap((team) => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: team } },
  resource('BackupRepository', team, 'main', repositorySpec),
  resource('BackupSchedule', team, team, scheduleSpec),
]);

export interface ClusterService {
  readonly apiServer: ApiServer;
  readonly under: ServiceUnderTest;
  /** A request with this user's token of the cluster. */
  as(user: string, method: string, path: string, json?: unknown): Promise<Answer>;
  metrics(): Promise<string>;
  /** The API server as its administrator sees it. */
  readonly administrator: Client;
  close(): Promise<void>;
}

/** The composed service beside an API server that has our kinds, `objects`, and users with `access`. */
export async function startInCluster({ objects = twoTeams, access = {}, environment = {} }: {
  readonly objects?: readonly object[];
  readonly access?: Readonly<Record<string, readonly AccessRule[]>>;
  readonly environment?: Readonly<Record<string, string>>;
} = {}): Promise<ClusterService> {
  const apiServer = await startApiServer({ objects: [...definitions(), ...objects], access: { [serviceUser]: serviceRules, ...access } });
  const under = await startService({ catalog: 'sqlite', redis: false }, { HOLDFAST_KUBERNETES: 'true', KUBECONFIG: await apiServer.kubeConfigFile(serviceUser, 'holdfast'), ...environment });
  const connection = connect({ environment: {}, userAgent: 'test', kubeconfig: await apiServer.kubeConfigFile() });
  return {
    apiServer,
    under,
    administrator: createClient({ connection, fieldManager: 'test' }),
    as: async (user, method, path, json) =>
      new Visitor(under.url).request(method, path, { headers: { authorization: `Bearer ${apiServer.tokenFor(user)}` }, ...(json !== undefined && { json }) }),
    metrics: async () => (await fetch(`${under.managementUrl}/metrics`)).text(),
    close: async () => {
      await under.close();
      await connection.close();
      await apiServer.stop();
    },
  };
}
