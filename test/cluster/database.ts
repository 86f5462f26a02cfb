import { randomBytes } from 'node:crypto';
import { eventually } from './eventually.ts';
import type { Kubectl } from './kubectl.ts';
import { names } from './names.ts';

const rows = 200_000;

/** Makes the same content wherever it starts, so that it may be moved to another node. The job image brings the server. */
const start = `set -eu
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
if [ ! -s /data/cluster/PG_VERSION ]; then
  "$bin/initdb" --pgdata=/data/cluster --username=holdfast --pwfile=/secrets/database/password --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8
  echo 'host all all all scram-sha-256' >> /data/cluster/pg_hba.conf
  sed -i '1i local all all trust' /data/cluster/pg_hba.conf
  "$bin/pg_ctl" --pgdata=/data/cluster --options='-k /tmp -h ""' --wait start
  "$bin/psql" --host=/tmp --username=holdfast --dbname=postgres --command='CREATE DATABASE shop'
  "$bin/psql" --host=/tmp --username=holdfast --dbname=shop --command='CREATE TABLE orders AS SELECT n AS id, md5(n::text) AS note FROM generate_series(1, ${rows}) AS n' --command='ALTER TABLE orders ADD PRIMARY KEY (id)'
  "$bin/pg_ctl" --pgdata=/data/cluster --wait stop
fi
exec "$bin/postgres" -D /data/cluster -k /tmp -h '*'`;

const labels = { app: names.database };

/** A PostgreSQL server with a shop in it, and the Secrets that name it. */
export function databaseObjects(jobImage: string): object[] {
  const password = randomBytes(24).toString('base64url');
  const at = (database: string): string => `postgres://holdfast:${password}@${names.database}.${names.namespace}.svc/${database}?sslmode=disable`;
  return [
    secret(names.database, { password }),
    secret(names.address, { address: at('shop') }),
    secret(names.targetAddress, { address: at('restored') }),
    { apiVersion: 'v1', kind: 'Service', metadata: metadata(names.database), spec: { selector: labels, ports: [{ name: 'postgres', port: 5432 }] } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: metadata(names.database),
      spec: {
        replicas: 1,
        strategy: { type: 'Recreate' },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            securityContext: { runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [{
              name: 'postgres',
              image: jobImage,
              command: ['bash', '-c', start],
              readinessProbe: { exec: { command: ['bash', '-c', 'psql --host=/tmp --username=holdfast --dbname=shop --command="SELECT 1"'] }, periodSeconds: 2, timeoutSeconds: 5 },
              resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
              securityContext: restrictedContainer,
              volumeMounts: [{ name: 'data', mountPath: '/data' }, { name: 'temporary', mountPath: '/tmp' }, { name: 'password', mountPath: '/secrets/database', readOnly: true }],
            }],
            volumes: [
              { name: 'data', emptyDir: { sizeLimit: '2Gi' } },
              { name: 'temporary', emptyDir: { sizeLimit: '64Mi' } },
              { name: 'password', secret: { secretName: names.database, defaultMode: 0o440 } },
            ],
          },
        },
      },
    },
  ];
}

export const restrictedContainer = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } } as const;

/** Asks the server; the answer's rows, one a line. */
export async function ask(kubectl: Kubectl, database: string, sql: string): Promise<string> {
  return (await kubectl.run(['exec', `deployment/${names.database}`, '--', 'psql', '--host=/tmp', '--username=holdfast', `--dbname=${database}`, '--no-align', '--tuples-only', `--command=${sql}`])).trim();
}

export const fingerprint = "SELECT count(*) || ' ' || md5(string_agg(id || note, ',' ORDER BY id)) FROM orders";

/** Does `work` while no backup of the shop can get its locks: a run that is found running, however fast the machine. */
export async function whileBackupsWait<Result>(kubectl: Kubectl, work: () => Promise<Result>): Promise<Result> {
  // Ended from outside below: how it ends says nothing.
  const holding = ask(kubectl, 'shop', 'BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(600)').catch(() => undefined);
  try {
    const locks = "SELECT count(*) FROM pg_locks WHERE relation = 'orders'::regclass AND mode = 'AccessExclusiveLock' AND granted";
    await eventually('the table is locked', async () => ((await ask(kubectl, 'shop', locks)) === '1' ? true : undefined), 60_000);
    return await work();
  } finally {
    await ask(kubectl, 'postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()");
    await holding;
  }
}

export function secret(name: string, stringData: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: metadata(name), stringData };
}

function metadata(name: string) {
  return { name, namespace: names.namespace, labels };
}
