import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { createDatabase, service } from '../services/database.ts';
import { password } from './service-under-test.ts';
import { Visitor } from './visitor.ts';

const main = join(import.meta.dirname, '../../src/api/main.ts');
const clients = 200;

it('ends on SIGTERM with 200 requests in flight: none of them fails, nor any that comes while it drains', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-drain-'));
  const database = await createDatabase(service('TEST_DATABASE_URL'));
  const environment = {
    PATH: process.env['PATH'], HOLDFAST_MODE: 'development', HOLDFAST_PORT: '0', HOLDFAST_MANAGEMENT_PORT: '0', HOLDFAST_CATALOG: database.url,
    HOLDFAST_RATE_LIMIT: '1000000', HOLDFAST_DRAIN_SECONDS: '2',
  };
  const start = (...words: string[]) => spawn(process.execPath, [main, ...words], { cwd: folder, env: environment });
  const creating = start('create-admin', 'alice');
  creating.stdin.end(`${password}\n`);
  expect(await once(creating, 'exit')).toEqual([0, null]);

  const child = start('serve');
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => { said += chunk.toString(); });
  while (!said.includes('service started')) await once(child.stderr, 'data');
  const [, url = ''] = /up: (http:\/\/[\d.:]+)/.exec(said) ?? [];
  const [, managementUrl = ''] = /Management port: (http:\/\/[\d.:]+)/.exec(said) ?? [];
  const visitor = new Visitor(url);
  await visitor.signIn('alice');
  const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');

  // Each asks again as soon as it is answered, until a load balancer would send nothing more: readiness says so.
  const load = { ready: true, draining: false, inFlight: 0, answeredWhileDraining: 0 };
  const agent = new Agent({ keepAlive: true });
  const outcomes = new Map<string, number>();
  const client = async (): Promise<void> => {
    while (load.ready) {
      load.inFlight += 1;
      const outcome = await statusOf(`${url}/api/v1/me`, { agent, headers: { cookie } });
      load.inFlight -= 1;
      if (load.draining) load.answeredWhileDraining += 1;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  const loads = Array.from({ length: clients }, client);
  await sleep(1_000);

  expect(load.inFlight).toBe(clients);
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  load.draining = true;
  while (load.ready) {
    await sleep(100);
    expect((await fetch(`${managementUrl}/livez`)).status).toBe(200);
    load.ready = (await fetch(`${managementUrl}/readyz`)).status === 200;
  }
  await Promise.all(loads);
  expect(await exited).toEqual([0, null]);
  expect([...outcomes.keys()]).toEqual(['200']);
  expect(load.answeredWhileDraining).toBeGreaterThanOrEqual(clients);
  expect(said).not.toContain('cut off');
  agent.destroy();
  await database.drop();
  await rm(folder, { recursive: true });
});

/** The status of an answer that came whole, or what went wrong. */
async function statusOf(url: string, options: { readonly agent: Agent; readonly headers: Record<string, string> }): Promise<string> {
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException): void => { resolve(error.code ?? error.message); };
    get(url, options, (response) => {
      response.once('error', fail).once('end', () => { resolve(String(response.statusCode)); }).resume();
    }).once('error', fail);
  });
}
