import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { signedIn, Visitor } from '../visitor.ts';
import { type ClusterService, mayRequest, mayView, startInCluster, twoTeams } from './cluster-service.ts';

const codeOf = ({ status, json }: { readonly status: number; readonly json: Record<string, unknown> | undefined }): unknown[] => [status, json?.['error_code']];
const namesOf = (json: Record<string, unknown> | undefined): string[] => ((json?.['items'] ?? []) as { namespace: string; name: string }[]).map(({ namespace, name }) => `${namespace}/${name}`);

/** Binds a group of accounts to everything that views, in one namespace. */
const viewersOfShop = [
  { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'holdfast-view' }, rules: [{ apiGroups: ['holdfast.dev'], resources: ['*'], verbs: ['get', 'list', 'watch'] }] },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'accounts', namespace: 'shop' },
    subjects: [{ kind: 'Group', name: 'holdfast:viewer', apiGroup: 'rbac.authorization.k8s.io' }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'holdfast-view' },
  },
];

describe('who may see and do what with the cluster’s backups', () => {
  let cluster: ClusterService;
  beforeAll(async () => {
    cluster = await startInCluster({
      objects: [...twoTeams, ...viewersOfShop],
      access: { admin2: [mayView(), mayRequest()], 'shop-viewer': [mayView(['shop'])], 'shop-editor': [mayView(['shop']), mayRequest(['shop'])] },
    });
  });
  afterAll(async () => {
    await cluster.close();
  });
  beforeEach(() => {
    cluster.apiServer.forgetRequests();
  });

  it('is asked of the cluster: a token that it takes, and what its RBAC allows', async () => {
    expect(namesOf((await cluster.as('admin2', 'GET', '/api/v1/schedules')).json)).toEqual(['shop/shop', 'stock/stock']);
    expect(namesOf((await cluster.as('shop-viewer', 'GET', '/api/v1/schedules?namespace=shop')).json)).toEqual(['shop/shop']);
    expect(codeOf(await cluster.as('shop-viewer', 'GET', '/api/v1/schedules?namespace=stock'))).toEqual([403, 'CLUSTER_ACCESS_DENIED']);
    expect(codeOf(await cluster.as('shop-viewer', 'GET', '/api/v1/schedules/stock/stock'))).toEqual([403, 'CLUSTER_ACCESS_DENIED']);
    expect(codeOf(await cluster.as('nobody', 'GET', '/api/v1/repositories?namespace=shop'))).toEqual([403, 'CLUSTER_ACCESS_DENIED']);
  });

  it('does not show a part to who may not list all', async () => {
    const refused = await cluster.as('shop-viewer', 'GET', '/api/v1/backups');
    expect(codeOf(refused)).toEqual([403, 'CLUSTER_ACCESS_DENIED']);
    expect(refused.json?.['data']).toEqual({ user: 'shop-viewer', verb: 'list', resource: 'backups', where: 'all namespaces' });
  });

  it('lets who views not request, and says so before it says what exists', async () => {
    const spec = { scheduleRef: { name: 'shop' } };
    expect(codeOf(await cluster.as('shop-viewer', 'POST', '/api/v1/backups', { namespace: 'shop', spec }))).toEqual([403, 'CLUSTER_ACCESS_DENIED']);
    expect((await cluster.as('shop-editor', 'POST', '/api/v1/backups', { namespace: 'shop', spec })).status).toBe(201);
    expect(codeOf(await cluster.as('shop-viewer', 'GET', '/api/v1/backups/stock/none'))).toEqual([403, 'CLUSTER_ACCESS_DENIED']);
    expect(codeOf(await cluster.as('shop-viewer', 'GET', '/api/v1/backups/shop/none'))).toEqual([404, 'OBJECT_NOT_FOUND']);
  });

  it('refuses tokens that the cluster does not take, and requests without any', async () => {
    const stranger = { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.x' };
    expect(codeOf(await new Visitor(cluster.under.url).get('/api/v1/schedules', stranger))).toEqual([401, 'SIGN_IN_REQUIRED']);
    expect(codeOf(await new Visitor(cluster.under.url).get('/api/v1/schedules'))).toEqual([401, 'SIGN_IN_REQUIRED']);
  });

  it('lets a token of the cluster see nothing of the service’s own', async () => {
    for (const path of ['/api/v1/me', '/api/v1/accounts', '/api/v1/tokens', '/api/v1/audit']) expect([path, ...codeOf(await cluster.as('admin2', 'GET', path))]).toEqual([path, 403, 'ACCESS_DENIED']);
  });

  it('knows accounts as groups of the cluster, which see what is bound to them', async () => {
    const viewer = await signedIn(cluster.under, 'viewer');
    expect(namesOf((await viewer.get('/api/v1/schedules?namespace=shop')).json)).toEqual(['shop/shop']);
    const refused = await viewer.change('POST', '/api/v1/backups', { namespace: 'shop', spec: { scheduleRef: { name: 'shop' } } });
    expect([...codeOf(refused), refused.json?.['data']]).toEqual([403, 'CLUSTER_ACCESS_DENIED', { user: `holdfast:${viewer.account.name}`, verb: 'create', resource: 'backups', where: 'shop' }]);
  });

  it('shows on the home page the schedules that somebody may list, or says what is missing', async () => {
    const viewer = await signedIn(cluster.under, 'viewer');
    const page = async (): Promise<string> => (await viewer.get('/', { accept: 'text/html' })).text;
    expect(await page()).toContain(`The cluster does not let holdfast:${viewer.account.name} list backupschedules in all namespaces`);
    const other = await signedIn(cluster.under, 'viewer');
    const everywhere = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'all' }, subjects: [{ kind: 'User', name: `holdfast:${other.account.name}` }], roleRef: { kind: 'ClusterRole', name: 'holdfast-view' } };
    cluster.apiServer.seed([everywhere]);
    expect((await other.get('/', { accept: 'text/html', 'accept-language': 'zh' })).text).toMatch(/<code>shop\/shop<\/code>[^\n]*尚无备份/);
  });

  it('holds tokens of the service to their scopes, and never shows them to the API server', async () => {
    const viewer = await signedIn(cluster.under, 'viewer');
    const tokenWith = async (scope: string): Promise<Record<string, string>> => {
      const { json } = await viewer.change('POST', '/api/v1/tokens', { name: scope, scopes: [scope] });
      return { authorization: `Bearer ${String(json?.['secret'])}` };
    };
    const visitor = new Visitor(cluster.under.url);
    expect((await visitor.get('/api/v1/schedules?namespace=shop', await tokenWith('backups:read'))).status).toBe(200);
    expect(codeOf(await visitor.get('/api/v1/schedules?namespace=shop', await tokenWith('profile:read')))).toEqual([403, 'ACCESS_DENIED']);
    expect(codeOf(await visitor.get('/api/v1/schedules', { authorization: `Bearer hft_${'x'.repeat(43)}` }))).toEqual([401, 'SIGN_IN_REQUIRED']);
    expect(cluster.apiServer.requests({ resource: 'tokenreviews' })).toEqual([]);
  });

  it('asks once for many requests', async () => {
    for (let time = 0; time < 5; time += 1) expect((await cluster.as('busy', 'GET', '/api/v1/schedules')).status).toBe(403);
    expect(cluster.apiServer.counts({ user: 'system:serviceaccount:holdfast:holdfast-api', verb: 'create' })).toEqual({ 'create tokenreviews': 1, 'create subjectaccessreviews': 1 });
  });

  it('takes nobody for anybody while the API server is away', async () => {
    cluster.apiServer.fail({ resource: 'tokenreviews' }, 'cut', { times: 1 });
    expect(codeOf(await cluster.as('late', 'GET', '/api/v1/schedules'))).toEqual([503, 'CLUSTER_UNREACHABLE']);
    cluster.apiServer.fail({ resource: 'subjectaccessreviews' }, { status: 500 }, { times: 1 });
    expect(codeOf(await cluster.as('late', 'GET', '/api/v1/schedules'))).toEqual([503, 'CLUSTER_UNAVAILABLE']);
    expect(codeOf(await cluster.as('late', 'GET', '/api/v1/schedules'))).toEqual([403, 'CLUSTER_ACCESS_DENIED']);
  });

  it('writes down who asked for a run, on it and in the audit', async () => {
    const made = await cluster.as('admin2', 'POST', '/api/v1/drills', { namespace: 'stock', name: 'asked', spec: { scheduleRef: { name: 'stock' } } });
    expect(made.status).toBe(201);
    const admin = await signedIn(cluster.under, 'admin');
    const { json } = await admin.get('/api/v1/audit?action=drill.request');
    expect(json?.['items']).toMatchObject([{ actor: { id: 'cluster:admin2', name: 'admin2' }, object: 'drill:stock/asked', outcome: 'done' }]);
  });
});

it('keeps who makes up tokens from the API server', async () => {
  const cluster = await startInCluster({ environment: { HOLDFAST_RATE_LIMIT: '5' } });
  try {
    cluster.apiServer.forgetRequests();
    const codes: unknown[] = [];
    for (let number = 0; number < 12; number += 1) {
      const answer = await new Visitor(cluster.under.url).get('/api/v1/schedules', { authorization: `Bearer made-up-${number}` });
      codes.push(answer.json?.['error_code']);
    }
    expect([codes[0], codes.at(-1)]).toEqual(['SIGN_IN_REQUIRED', 'RATE_LIMITED']);
    expect(cluster.apiServer.requests({ resource: 'tokenreviews' }).length).toBeLessThan(8);
  } finally {
    await cluster.close();
  }
});
