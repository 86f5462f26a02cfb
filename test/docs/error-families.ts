import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorDefinition } from '../../src/operations/errors.ts';

const root = join(import.meta.dirname, '../..');

export interface DiscoveredFamily {
  /** Of the file that defines it, from the project's root. */
  readonly path: string;
  readonly name: string;
  readonly definitions: Readonly<Record<string, ErrorDefinition>>;
}

/** Every error family of src and jobs: found where it is defined, so that none can be forgotten. */
export async function discoverErrorFamilies(): Promise<readonly DiscoveredFamily[]> {
  const paths = globSync('{src,jobs}/**/*.ts', { cwd: root }).filter((path) => readFileSync(join(root, path), 'utf8').includes('= defineErrorFamily('));
  const families = await Promise.all(paths.toSorted().map(familiesIn));
  return families.flat();
}

async function familiesIn(path: string): Promise<readonly DiscoveredFamily[]> {
  const exported = (await import(join(root, path))) as Record<string, { definitions?: DiscoveredFamily['definitions'] } | undefined>;
  const found = Object.entries(exported).flatMap(([name, family]) => (typeof family === 'object' && family.definitions ? [{ path, name, definitions: family.definitions }] : []));
  if (found.length === 0) throw new Error(`${path} defines an error family and exports none`);
  return found;
}
