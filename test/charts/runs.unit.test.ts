import { describe, expect, test } from '@jest/globals';
import { createRequire } from 'node:module';
import { podSettingsOf, readControllerConfiguration } from '../../src/controller/configuration.ts';
import { cronJobsOfRepository, cronJobsOfSchedule } from '../../src/controller/pods/cron-jobs.ts';
import { initJobOf } from '../../src/controller/pods/jobs.ts';
import type { PodSettings } from '../../src/controller/pods/settings.ts';
import { type KindName, kinds, type Resource } from '../../src/kubernetes/resources/kinds.ts';
import { apiVersion } from '../../src/kubernetes/resources/names.ts';
import { type Manifest, namespace, renderChart } from './chart.ts';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
const settings = await settingsOfController({});

const s3 = { bucket: 'backups' };
const keysSecret = { name: 'keys' };
const postgres = { postgres: { addressSecret: { name: 'shop-database' } } };
const sqlite = { sqlite: { claimName: 'notes', path: 'data/50% of #1?.sqlite' } };
const long = 'the-database-of-the-shop-in-the-street-with-the-long-name-42';

/** Every field of a repository, in pairs of with and without. */
const repositories = {
  volume: { volume: { claimName: 'backups' }, encryption: 'none', prune: {} },
  'volume-folder': { volume: { claimName: 'backups', path: 'a/b #2' }, keysSecret, initialize: false, verify: {} },
  s3: { s3, keysSecret },
  's3-server': {
    s3: { ...s3, prefix: 'a/b', endpoint: 'https://s3.example.com:9000', region: 'eu', pathStyle: false, credentialsSecret: { name: 'credentials' }, caSecret: { name: 'ca', key: 'root.pem' } },
    keysSecret,
    identitySecret: { name: 'identity', key: 'mine.txt' },
    prune: { schedule: 'H H(1-5) * * H', timeZone: 'Asia/Shanghai', suspend: true },
    verify: { schedule: 'H/20 H H * *', readData: 'all' },
    jobs: { serviceAccountName: 'backups', podLabels: { team: 'platform' }, resources: { limits: { memory: '2Gi' } }, temporarySpace: '1Gi', userId: 10_123 },
  },
  [long]: { s3, keysSecret, prune: { schedule: '@weekly' }, verify: { readData: '1/7' } },
};

const settingsOfAll = {
  activeDeadlineSeconds: 7200,
  priorityClassName: 'backups',
  nodeSelector: { disk: 'fast' },
  tolerations: [{ key: 'dedicated', operator: 'Exists' }],
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'Exists' }] }] } } },
  podLabels: { team: 'shop', 'app.kubernetes.io/component': 'mine' },
  podAnnotations: { 'sidecar.istio.io/inject': 'false' },
  extraEnv: [{ name: 'HOLDFAST_LOG_LEVEL', value: 'debug' }],
  resources: { requests: { cpu: '2' } },
};

const schedules = {
  plain: { repositoryRef: { name: 's3' }, source: postgres, schedule: 'H 2 * * *' },
  file: { repositoryRef: { name: 'volume' }, source: sqlite, schedule: '*/5 H * * 1-5', suspend: true, drill: { schedule: 'H 5 * * H' }, retention: { keepLast: 3 } },
  '123': { repositoryRef: { name: 'volume-folder' }, source: postgres, schedule: 'H H H H H', retention: { schedule: 'H(10-20) H(0-3) * * *', olderThan: '30d' } },
  all: {
    repositoryRef: { name: 's3-server' },
    source: { postgres: { addressSecret: { name: 'shop-database', key: 'url' } } },
    sourceName: 'shop_1',
    schedule: 'H/15 * * * *',
    timeZone: 'Europe/Berlin',
    startingDeadlineSeconds: 600,
    backup: { compress: false, compressionLevel: 9, connections: 8, globals: false },
    drill: { schedule: 'H H H/7 * *', assertionsConfigMap: { name: 'assertions' }, jobs: { temporarySpace: '100Gi', serviceAccountName: 'drills' }, suspend: true },
    retention: { keepLast: 1, keepHourly: 2, keepDaily: 3, keepWeekly: 4, keepMonthly: 5, keepYearly: 6, keepWithin: '7d', olderThan: '8w' },
    jobs: settingsOfAll,
  },
  [long]: { repositoryRef: { name: long }, source: postgres, schedule: 'H H * * *', drill: { schedule: '@monthly', assertionsConfigMap: { name: 'assertions', key: 'shop.sql' } }, retention: { keepDaily: 7 } },
};

const rendered = await renderChart({ values: { controller: { enabled: false }, repositories, schedules } });

describe('without the controller the chart renders the runs that the controller would make', () => {
  test.each(Object.entries(schedules))('of the schedule %s', (name, spec) => {
    const repository = resource('BackupRepository', spec.repositoryRef.name, repositories[spec.repositoryRef.name as keyof typeof repositories]);
    expectRendered(cronJobsOfSchedule(resource('BackupSchedule', name, spec), repository, settings));
  });

  test.each(Object.entries(repositories))('of the repository %s', (name, spec) => {
    const repository = resource('BackupRepository', name, spec);
    expectRendered([...cronJobsOfRepository(repository, settings), initJobOf(repository, settings)]);
  });

  test('and no others', () => {
    const expected = [
      ...Object.entries(schedules).flatMap(([name, spec]) => cronJobsOfSchedule(resource('BackupSchedule', name, spec), resource('BackupRepository', 'any', repositories.s3), settings)),
      ...Object.entries(repositories).flatMap(([name, spec]) => cronJobsOfRepository(resource('BackupRepository', name, spec), settings)),
    ].map(({ metadata }) => metadata?.name);
    expect(rendered.filter(({ kind }) => kind === 'CronJob').map(({ metadata }) => metadata.name).toSorted()).toEqual(expected.toSorted());
  });
});

test.each([
  ['as they come', {}],
  [
    'set',
    {
      userId: null,
      jobImage: { registry: 'registry.example.com', digest: `sha256:${'1'.repeat(64)}`, pullPolicy: 'Always' },
      imagePullSecrets: [{ name: 'registry' }, { name: 'other' }],
      jobs: { resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '3Gi' } } },
    },
  ],
])('values for all pods, %s, reach the runs as they reach the controller', async (_how, values) => {
  const same = await settingsOfController(values);
  const given = { repositories: { 's3-server': repositories['s3-server'] }, schedules: { all: schedules.all } };
  const runs = cronJobsOfSchedule(resource('BackupSchedule', 'all', schedules.all), resource('BackupRepository', 's3-server', repositories['s3-server']), same);
  expectRendered(runs, await renderChart({ values: { ...values, ...given, controller: { enabled: false } } }));
});

/** What the controller reads from the environment that its Deployment gives it. */
async function settingsOfController(values: object): Promise<PodSettings> {
  const deployment = (await renderChart({ values })).find(({ kind, metadata }) => kind === 'Deployment' && metadata.name.endsWith('-controller'));
  const env = deployment?.['spec'].template.spec.containers[0].env as { name: string; value?: string }[];
  return podSettingsOf(readControllerConfiguration(Object.fromEntries(env.map(({ name, value }) => [name, value ?? 'of the pod']))), version);
}

/** As the API server would keep it. */
function resource<Name extends KindName>(kind: Name, name: string, spec: object): Resource<Name> {
  return { apiVersion, kind, metadata: { name, namespace }, spec: kinds[kind].spec.parse(spec) } as Resource<Name>;
}

interface Made {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string };
}

function expectRendered(made: readonly Made[], among = rendered): void {
  for (const object of made) {
    const found = among.find(({ kind, metadata }) => kind === object.kind && metadata.name === object.metadata?.name);
    expect(comparable(found)).toEqual(comparable(object as Manifest));
  }
}

/** Without what tells who made it, and to whom it belongs. */
function comparable(manifest: Manifest | undefined): unknown {
  const text = JSON.stringify(manifest, (key, value: unknown) => (/^(ownerReferences|app\.kubernetes\.io\/(managed-by|instance)|helm\.sh\/.*)$/.test(key) ? undefined : value));
  const plain = JSON.parse(text ?? '{}') as { metadata?: { annotations?: object } };
  if (Object.keys(plain.metadata?.annotations ?? { none: 0 }).length === 0) delete plain.metadata?.annotations;
  return plain;
}
