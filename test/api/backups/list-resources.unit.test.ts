import { describe, expect, it } from '@jest/globals';
import { listResources } from '../../../src/api/backups/list-resources.ts';
import type { Kept } from '../../../src/api/cluster/kept.ts';
import { backup } from '../cluster/resources.ts';

const made = (name: string, creationTimestamp: string, namespace = 'shop'): Kept<'Backup'> => {
  const { metadata, ...rest } = backup(name);
  return { ...rest, metadata: { ...metadata, namespace, creationTimestamp } };
};
const all = { limit: 50, passes: () => true };
const namesOf = (items: readonly Kept[]): string[] => items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);

describe('listing resources', () => {
  const resources = [made('a', '2026-01-02T00:00:00Z'), made('b', '2026-01-03T00:00:00Z'), made('c', '2026-01-02T00:00:00Z'), made('a', '2026-01-01T00:00:00Z', 'stock')];

  it('gives runs newest first, those of one second by name', () => {
    expect(namesOf(listResources(resources, { ...all, order: 'newest' }).items)).toEqual(['shop/b', 'shop/c', 'shop/a', 'stock/a']);
  });

  it('gives what stays by namespace and name', () => {
    expect(namesOf(listResources(resources, { ...all, order: 'name' }).items)).toEqual(['shop/a', 'shop/b', 'shop/c', 'stock/a']);
  });

  it.each(['newest', 'name'] as const)('goes on after a page (%s), although what it ended with is gone', (order) => {
    const first = listResources(resources, { ...all, order, limit: 2 });
    const left = resources.filter((resource) => resource !== first.items[1]);
    const second = listResources(left, { ...all, order, limit: 2, after: first.next });
    expect(namesOf([...first.items, ...second.items])).toEqual(namesOf(listResources(resources, { ...all, order }).items));
    expect(second.next).toBeUndefined();
  });

  it('refuses to go on after what no page ended with', () => {
    expect(() => listResources(resources, { ...all, order: 'name', after: 'nonsense' })).toThrow(expect.objectContaining({ code: 'CATALOG_CURSOR_INVALID' }));
  });
});
