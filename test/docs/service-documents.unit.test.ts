import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { scopes } from '../../src/api/access.ts';
import { compose } from '../../src/api/compose.ts';
import { readServiceConfiguration, ServiceVariables } from '../../src/api/configuration.ts';
import { errorTrackingOff } from '../../src/operations/sentry/error-tracking.ts';
import { SentrySettings } from '../../src/operations/sentry/settings.ts';
import { captureLog } from '../support/captured-log.ts';

const read = (document: string): string => readFileSync(join(import.meta.dirname, '../../docs', document), 'utf8');

/** What stands as code in the first cell of each table row. */
const firstCells = (document: string): string[] => [...read(document).matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell = '']) => cell);

async function routesOfService(): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-docs-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, JSON.stringify({ clusters: [{ name: 'a', cluster: { server: 'https://127.0.0.1' } }], contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }], 'current-context': 'a', users: [{ name: 'a', user: {} }] }));
  const environment = { HOLDFAST_MODE: 'development', HOLDFAST_KUBERNETES: 'on', KUBECONFIG: kubeconfig, HOLDFAST_SECURITY_CONTACT: 'mailto:security@example.com', HOLDFAST_SECURITY_TXT_EXPIRES: '2099-01-01' };
  const { app, catalog } = await compose(readServiceConfiguration(environment, { folder }), { log: captureLog().log, tracking: errorTrackingOff, version: 'test' });
  await catalog.close();
  await rm(folder, { recursive: true });
  return app.routes().filter(({ method }) => method !== 'HEAD').map(({ method, path }) => `${method} ${path}`);
}

describe('docs/service.md', () => {
  it('lists every variable of the service, and no other', () => {
    const documented = firstCells('service.md').filter((cell) => /^[A-Z_\d]+$/.test(cell));
    expect(documented.toSorted()).toEqual([...Object.keys(ServiceVariables.shape), ...Object.keys(SentrySettings.shape)].toSorted());
  });
});

describe('docs/api.md', () => {
  it('lists every route of the service, and no other', async () => {
    const documented = firstCells('api.md').filter((cell) => cell.includes('/'));
    expect(documented.toSorted()).toEqual((await routesOfService()).toSorted());
  });

  it('names every scope, and no other', () => {
    const named = new Set([...read('api.md').matchAll(/`([a-z]+:(?:read|write))`/g)].map(([, scope]) => scope));
    expect(named).toEqual(new Set(scopes));
  });
});
