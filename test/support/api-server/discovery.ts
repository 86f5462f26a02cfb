import type { Cluster } from './cluster.ts';
import type { ResourceType } from './resource-types.ts';

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** What the server serves, as clients ask before anything else; undefined for other paths. */
export function discover({ types }: Cluster, path: string): object | undefined {
  const groups = [...new Set(types.map(({ group }) => group))].filter((group) => group !== '');
  const [root, group, version, ...further] = path.split('/').filter((step) => step !== '');
  if (further.length > 0 || (root === 'api' && version !== undefined)) return undefined;
  if (root === 'version') return { major: '1', minor: '35', gitVersion: 'v1.35.0', platform: 'linux/amd64' };
  if (root === 'api' && group === undefined) return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
  if (root === 'api') return resourceList(types.filter((type) => type.group === ''), 'v1');
  if (root !== 'apis') return undefined;
  if (group === undefined) return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map((name) => groupOf(types, name)) };
  const own = types.filter((type) => type.group === group);
  if (own.length === 0) return undefined;
  if (version === undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(types, group) };
  const ofVersion = own.filter((type) => type.version === version);
  return ofVersion.length === 0 ? undefined : resourceList(ofVersion, `${group}/${version}`);
}

function groupOf(types: readonly ResourceType[], name: string): object {
  const versions = [...new Set(types.filter(({ group }) => group === name).map(({ version }) => version))].map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions, preferredVersion: versions[0] };
}

function resourceList(types: readonly ResourceType[], groupVersion: string): object {
  const resources = types.flatMap((type) => {
    const { plural, singular, kind, namespaced, shortNames, categories } = type;
    const whole = { name: plural, singularName: singular, namespaced, kind, verbs, ...(shortNames.length > 0 && { shortNames }), ...(categories.length > 0 && { categories }) };
    const status = { name: `${plural}/status`, singularName: '', namespaced, kind, verbs: ['get', 'patch', 'update'] };
    const scale = { name: `${plural}/scale`, singularName: '', namespaced, group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch'] };
    return [whole, ...(type.status ? [status] : []), ...(type.scaled ? [scale] : [])];
  });
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
}
