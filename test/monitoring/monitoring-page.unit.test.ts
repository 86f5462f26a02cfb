import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { metricsInSources } from './metric-names.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/monitoring.md'), 'utf8');

describe('docs/monitoring.md', () => {
  it('lists every metric of the service and the controller, and no other', () => {
    const documented = [...page.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, name = '']) => name);
    expect(documented.toSorted()).toEqual(metricsInSources().toSorted());
  });
});
