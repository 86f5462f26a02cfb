import type { Cluster } from './cluster.ts';
import type { ResourceType } from './resource-types.ts';

/**
 * OpenAPI v3 as far as kubectl and helm ask: which resources there are and that the server checks unknown fields itself
 * (`fieldValidation`), and of custom resources what `kubectl explain` shows.
 */
export function openApi({ types }: Cluster, path: string): object | undefined {
  const [root, version, ...place] = path.split('/').filter((step) => step !== '');
  if (root !== 'openapi' || version !== 'v3') return undefined;
  if (place.length === 0) return { paths: Object.fromEntries([...new Set(types.map(placeOf))].map((own) => [own, { serverRelativeURL: `/openapi/v3/${own}` }])) };
  const own = types.filter((type) => placeOf(type) === place.join('/'));
  return own.length === 0 ? undefined : documentOf(own);
}

function placeOf({ group, version }: ResourceType): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

function documentOf(types: readonly ResourceType[]): object {
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.35.0' },
    paths: Object.fromEntries(types.map((type) => [pathOf(type), { patch: operation(type), parameters: [] }])),
    components: { schemas: Object.fromEntries(types.map((type) => [schemaName(type), { type: 'object', ...type.schema, 'x-kubernetes-group-version-kind': [identity(type)] }])) },
  };
}

function pathOf(type: ResourceType): string {
  return `/${placeOf(type)}/${type.namespaced ? 'namespaces/{namespace}/' : ''}${type.plural}/{name}`;
}

function operation(type: ResourceType): object {
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({ name, in: 'query', schema: { type: name === 'force' ? 'boolean' : 'string', uniqueItems: true } }));
  return {
    parameters,
    'x-kubernetes-action': 'patch',
    'x-kubernetes-group-version-kind': identity(type),
    responses: { 200: { description: 'OK', content: { 'application/json': { schema: { $ref: `#/components/schemas/${schemaName(type)}` } } } } },
  };
}

function identity({ group, version, kind }: ResourceType): object {
  return { group, version, kind };
}

function schemaName({ group, version, kind }: ResourceType): string {
  return [...(group === '' ? ['core'] : group.split('.').toReversed()), version, kind].join('.');
}
