import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const name = '@mdn/mdn-http-observatory';
/** Fixed, for what it scores is its definition of the score. */
const version = '1.4.8';
/** What lasts from one run to the next; git ignores it. */
const cache = join(import.meta.dirname, '..', '..', '.cache');

export interface ObservatoryResult {
  readonly pass: boolean;
  /** What was found: `cookies-not-found`. */
  readonly result: string;
  readonly scoreModifier: number;
  /** What its best result would give. */
  readonly best: number;
}

export interface ObservatoryScan {
  readonly score: number;
  readonly grade: string;
  readonly statusCode: number;
  /** By rule: `content-security-policy`. */
  readonly rules: Readonly<Record<string, ObservatoryResult>>;
  /** The score were every rule's best result found. */
  readonly most: number;
}

export interface ObservedSite {
  readonly host: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly certificateFile: string;
}

/**
 * Has Mozilla's HTTP Observatory scan a page by its own scanner, unchanged, in a process of its own: what it sends to
 * ports 80 and 443 of `host` goes to these ports of 127.0.0.1, and the certificate is one that it trusts.
 */
export async function observe({ host, httpPort, httpsPort, certificateFile }: ObservedSite, path: string): Promise<ObservatoryScan> {
  const environment = { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: certificateFile, OBSERVED_PORTS: JSON.stringify({ 80: httpPort, 443: httpsPort }) };
  const options = { cwd: await installed(), env: environment, timeout: 60_000 };
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', scanProgram, `${host}${path}`], options);
  return JSON.parse(stdout) as ObservatoryScan;
}

/** What runs where the scanner is installed. It scans the page, too, when one is written behind the name. */
const scanProgram = `
import { Socket } from 'node:net';
const ports = JSON.parse(process.env.OBSERVED_PORTS);
const connect = Socket.prototype.connect;
Socket.prototype.connect = function (options, ...rest) {
  const [target] = Array.isArray(options) ? options : [options];
  Object.assign(target, { host: '127.0.0.1', port: ports[target.port] ?? target.port });
  return connect.call(this, options, ...rest);
};
const { scan } = await import('${name}');
const { SCORE_TABLE } = await import('${name}/src/grader/charts.js');
const { ALL_RESULTS } = await import('${name}/src/constants.js');
const { scan: { score, grade, statusCode }, tests } = await scan(process.argv[1]);
const bestOf = (rule) => {
  const { possibleResults } = ALL_RESULTS.find(({ name }) => name === rule);
  return Math.max(...possibleResults.map((result) => SCORE_TABLE.get(result)?.modifier ?? 0));
};
const rules = Object.fromEntries(Object.entries(tests).map(([rule, { pass, result, scoreModifier }]) => [rule, { pass, result, scoreModifier, best: bestOf(rule) }]));
const most = Object.values(rules).reduce((sum, { best }) => sum + best, 100);
console.log(JSON.stringify({ score, grade, statusCode, rules, most }));
`;

/** The folder that the scanner is installed in; done once. Not a dependency: its install scripts want the network, its database libpq. */
async function installed(): Promise<string> {
  const folder = join(cache, `http-observatory-${version}`);
  if (await access(folder).then(() => true, () => false)) return folder;
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'installing-'));
  try {
    await run('npm', ['install', '--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--prefix', work, `${name}@${version}`], { timeout: 240_000, maxBuffer: 2 ** 24 });
    // Which hosts browsers know to be HTTPS only: the script would download it; no host of a test is among them.
    await writeFile(join(work, 'node_modules', name, 'conf', 'hsts-preload.json'), '{}');
    await rename(work, folder).catch((error: NodeJS.ErrnoException) => {
      // Another test run was faster; its result is as good.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}
