import { type Client, createClient } from '../../src/kubernetes/client.ts';
import { connect, type Connection } from '../../src/kubernetes/connect.ts';
import { definitions } from '../../src/kubernetes/resources/definitions.ts';
import { type ApiServer, startApiServer } from '../support/api-server/start.ts';

export const namespaceOf = (name: string) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

/** An API server that knows our kinds, with the namespaces `shop` and `bank`. */
export async function startCluster(access: Parameters<typeof startApiServer>[0] = {}): Promise<ApiServer> {
  return startApiServer({ ...access, objects: [...definitions(), namespaceOf('shop'), namespaceOf('bank'), ...(access.objects ?? [])] });
}

export async function clientOf(server: ApiServer, { user, timeoutMs }: { readonly user?: string; readonly timeoutMs?: number } = {}): Promise<Client & { readonly connection: Connection }> {
  const connection = connect({ environment: {}, userAgent: 'holdfast-test', kubeconfig: await server.kubeConfigFile(user, 'shop') });
  return { ...createClient({ connection, fieldManager: 'holdfast-controller', ...(timeoutMs !== undefined && { timeoutMs }) }), connection };
}

export const sqliteSource = { sqlite: { claimName: 'data', path: 'orders.sqlite' } } as const;

export function backup(name: string, namespace = 'shop') {
  return { metadata: { namespace, name }, spec: { repositoryRef: { name: 'main' }, source: sqliteSource, deletionPolicy: 'Retain' } } as const;
}

export function storedBackup(name: string, namespace = 'shop') {
  return { apiVersion: 'holdfast.dev/v1alpha1', kind: 'Backup', ...backup(name, namespace) };
}
