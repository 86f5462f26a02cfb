import { runIn } from './chroot.ts';
import type { Image } from './build.ts';

export interface Check {
  readonly name: string;
  readonly image: 'api' | 'job';
  /** Throws, saying why, where it does not hold. What it gives is shown. */
  readonly run: (image: Image) => Promise<string>;
}

const startLimitMs = 2000;

/** Every finding on a line of its own is one too many. */
function finds(name: string, image: Check['image'], line: string): Check {
  return {
    name,
    image,
    run: async ({ root, environment }) => {
      const found = (await runIn(root, line, { environment })).trim();
      if (found !== '') throw new Error(found);
      return '';
    },
  };
}

/** A script of the shell as a pod of ours runs it; each line has to succeed. */
function restricted(name: string, image: Check['image'], script: readonly string[]): Check {
  return { name, image, run: ({ root, environment }) => runIn(root, ['set -eu', ...script].join('\n'), { environment, restricted: true }) };
}

function startsInTime(name: string, image: Check['image'], line: string): Check {
  return {
    name,
    image,
    run: async ({ root, environment }) => {
      const timed = `begin=$(date +%s%3N); ${line}; echo $(($(date +%s%3N) - begin))`;
      const milliseconds = Number((await runIn(root, timed, { environment, restricted: true })).trim().split('\n').at(-1));
      if (!(milliseconds < startLimitMs)) throw new Error(`${milliseconds} ms`);
      return `${milliseconds} ms`;
    },
  };
}

const forAnswer = (path: string): string => `node -e '(async () => { for (;;) { const answer = await fetch("http://127.0.0.1:8081${path}").catch(() => undefined); if (answer?.ok) process.exit(); await new Promise((resolve) => setTimeout(resolve, 20)); } })()'`;
const keys = 'export HOLDFAST_REPOSITORY=file:///tmp/repository HOLDFAST_REPOSITORY_KEY_FILE=/tmp/keys/repository.key HOLDFAST_RECIPIENTS_FILE=/tmp/keys/recipients.txt HOLDFAST_IDENTITY_FILE=/tmp/keys/identity.txt';
const server = '/usr/lib/postgresql/17/bin';

const ofEither = (image: Check['image']): Check[] => [
  finds('no program changes the user', image, 'find / -xdev -type f -perm /6000'),
  finds('no package manager of Node', image, 'ls -d /usr/local/lib/node_modules /opt/yarn* /usr/local/bin/npm /usr/local/bin/npx 2>/dev/null || true'),
  finds('no lists, caches or logs', image, 'find /var/lib/apt/lists /var/cache /var/log -type f'),
  finds('no private key', image, "grep -rlE --include='*.key' --include='*.pem' 'PRIVATE KEY' /etc /app /usr/share /var || true"),
  finds('no file that its user may change', image, "find / -xdev -not -path '/proc/*' -not -path '/dev/*' \\( -type f -o -type d \\) \\( -user 65532 -o -perm -002 \\) -not -perm -1000 -not -path /run/lock"),
  finds('no maps and no types of packages', image, "find /app/node_modules -name '*.map' -type f -o -name '*.d.ts' -type f"),
];

/** What has to hold of the built images; nothing here needs a network. */
export const checks: readonly Check[] = [
  ...ofEither('api'),
  ...ofEither('job'),
  finds('no cluster client, no catalogue, no service', 'job', 'ls -d /app/node_modules/@kubernetes /app/node_modules/@mikro-orm /app/src/api /app/src/kubernetes 2>/dev/null || true'),
  startsInTime('the command starts in under 2 s', 'job', 'holdfast --version'),
  startsInTime('the service starts in under 2 s', 'api', `export HOLDFAST_CATALOG=sqlite:///tmp/catalog.sqlite; (holdfast-service serve --development 2>/tmp/log &) ; timeout 20 ${forAnswer('/readyz')} || { cat /tmp/log >&2; exit 1; }`),
  restricted('the controller starts, and names what it is not told', 'api', ['code=0; holdfast-controller 2>/tmp/said || code=$?', 'test "$code" = 2 && grep -q HOLDFAST_JOB_IMAGE /tmp/said']),
  restricted('keys, repository, backup, drill and restore of SQLite', 'job', [
    keys,
    `node -e 'new (require("node:sqlite").DatabaseSync)("/tmp/shop.sqlite").exec("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, char(960))")'`,
    'export HOLDFAST_SOURCE=sqlite:///tmp/shop.sqlite',
    'holdfast keygen --directory /tmp/keys >/dev/null && holdfast init >/dev/null',
    'holdfast backup 2>/dev/null && holdfast drill latest 2>/dev/null && holdfast restore latest --to sqlite:///tmp/copy.sqlite 2>/dev/null',
  ]),
  restricted('backup and drill of PostgreSQL with the locale en_US.UTF-8', 'job', [
    keys,
    `${server}/initdb --pgdata=/tmp/data --auth=trust --username=holdfast --locale=en_US.UTF-8 --encoding=UTF8 >/dev/null`,
    `${server}/pg_ctl --pgdata=/tmp/data --options='-k /tmp -h 127.0.0.1 -p 5499' --log=/tmp/log --wait start >/dev/null`,
    `psql --quiet --host=127.0.0.1 --port=5499 postgres --command='CREATE TABLE t AS SELECT n, md5(n::text) AS v FROM generate_series(1, 10000) AS n'`,
    'export HOLDFAST_SOURCE=postgres://holdfast@127.0.0.1:5499/postgres',
    'holdfast keygen --directory /tmp/keys >/dev/null && holdfast init >/dev/null',
    'holdfast backup 2>/dev/null && holdfast drill latest 2>/dev/null',
    `${server}/pg_ctl --pgdata=/tmp/data stop >/dev/null`,
  ]),
  restricted('age and zstd restore a backup by hand', 'job', ['age --version', 'zstd --version']),
];
