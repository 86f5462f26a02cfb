import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { password } from './service-under-test.ts';
import { Visitor } from './visitor.ts';

const main = join(import.meta.dirname, '../../src/api/main.ts');

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('the command line of the service', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-serve-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  const start = (words: readonly string[], environment: Record<string, string> = {}) =>
    spawn(process.execPath, [main, ...words], { cwd: folder, env: { PATH: process.env['PATH'], LANG: 'C', ...environment } });
  const run = async (words: readonly string[], { environment, input = '' }: { readonly environment?: Record<string, string>; readonly input?: string } = {}): Promise<Ran> => {
    const child = start(words, environment);
    child.stdin.end(input);
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit') as Promise<[number | null]>]);
    return { code, stdout, stderr };
  };

  /** `serve --development` on free ports: the addresses that it says it listens on. */
  async function serve() {
    const child = start(['serve', '--development'], { HOLDFAST_PORT: '0', HOLDFAST_MANAGEMENT_PORT: '0' });
    const startedMs = performance.now();
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => { said += chunk.toString(); });
    while (!said.includes('service started')) await once(child.stderr, 'data');
    const [, url = ''] = /up: (http:\/\/[\d.:]+)/.exec(said) ?? [];
    const [, managementUrl = ''] = /Management port: (http:\/\/[\d.:]+)/.exec(said) ?? [];
    return { child, url, managementUrl, milliseconds: performance.now() - startedMs, said: () => said };
  }

  it('serves in development with nothing set, says where, and ends with 0 on SIGTERM', async () => {
    const { child, url, managementUrl, milliseconds, said } = await serve();
    process.stdout.write(`The service was up after ${Math.round(milliseconds)} ms.\n`);
    expect(milliseconds).toBeLessThan(20_000);
    expect(said()).toContain('No administrator yet');
    const health = await new Visitor(url).get('/core/health/');
    expect([health.status, health.json]).toMatchObject([200, { status: expect.stringMatching(/healthy|degraded/), checks: { database: { status: 'ok' } } }]);
    for (const path of ['/livez', '/readyz', '/startupz', '/metrics', '/configuration', '/routes', '/migrations']) expect([path, (await fetch(`${managementUrl}${path}`)).status]).toEqual([path, 200]);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('makes the first administrator by a password from standard input, and no second one unasked', async () => {
    const made = await run(['create-admin', 'alice'], { input: `${password}\n`, environment: { HOLDFAST_MODE: 'development' } });
    expect(made).toEqual({ code: 0, stdout: 'Administrator alice can sign in now.\n', stderr: '' });
    const again = await run(['create-admin', 'bob'], { input: `${password}\n` });
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('ADMIN_EXISTS')]);
    expect((await run(['create-admin', 'bob', '--further'], { input: 'short\n' })).stderr).toContain('PASSWORD_TOO_SHORT');
    expect((await run(['create-admin', 'bob', '--further'], { input: `${password}\n` })).code).toBe(0);
    const { child, url } = await serve();
    expect((await new Visitor(url).signIn('alice')).status).toBe(200);
    child.kill('SIGTERM');
    await once(child, 'exit');
  });

  it('says what is not safe to deploy, and refuses to serve what must never be', async () => {
    const unsafe = await run(['check', '--deploy', '--json'], { environment: { HOLDFAST_MODE: 'production', HOLDFAST_DEBUG: 'on' } });
    const { safe, findings } = JSON.parse(unsafe.stdout) as { safe: boolean; findings: { id: string; level: string }[] };
    expect([unsafe.code, safe]).toEqual([2, false]);
    expect(findings.some(({ level }) => level === 'error')).toBe(true);
    const serving = await run(['serve'], { environment: { HOLDFAST_DEBUG: 'on' } });
    expect([serving.code, serving.stderr]).toEqual([2, expect.stringContaining('CONFIGURATION_INVALID')]);
    const environment = {
      HOLDFAST_SECRET_KEY: 'k'.repeat(20) + '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH',
      HOLDFAST_ALLOWED_HOSTS: 'holdfast.example.com',
      HOLDFAST_PROXY_HOPS: '1',
      HOLDFAST_SECURITY_CONTACT: 'mailto:security@example.com',
      HOLDFAST_SECURITY_TXT_EXPIRES: new Date(Date.now() + 86_400_000 * 100).toISOString().slice(0, 10),
    };
    expect(await run(['check', '--deploy'], { environment })).toEqual({ code: 0, stdout: 'Nothing unsafe was found.\n', stderr: '' });
  });

  it('names every bad variable, and every mistake of its command line, in both languages', async () => {
    const bad = await run(['serve'], { environment: { HOLDFAST_PORT: 'x', HOLDFAST_LOG_LEVEL: 'loud' } });
    expect([bad.code, bad.stderr]).toEqual([2, expect.stringMatching(/HOLDFAST_PORT: .*HOLDFAST_LOG_LEVEL: /s)]);
    expect((await run(['dance'])).stderr).toContain('COMMAND_INVALID');
    expect((await run(['create-admin'], { environment: { LANG: 'zh_CN.UTF-8' } })).stderr).toContain('命令行无效');
    expect((await run(['--help'])).stdout).toContain('create-admin <name>');
  });

  it('migrates the catalogue, and says whether it is migrated', async () => {
    expect([(await run(['migrate', '--check'])).code]).toEqual([2]);
    expect((await run(['migrate'])).stdout).toMatch(/^Applied: 0001/);
    expect((await run(['migrate', '--check'])).stdout).toBe('The catalogue is up to date.\n');
  });
});
