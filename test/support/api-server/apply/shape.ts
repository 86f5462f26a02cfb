import { isJsonObject, type Json } from '../api-object.ts';
import type { ResourceType } from '../resource-types.ts';
import { fieldSchema } from '../schema/prune.ts';
import type { Schema } from '../schema/schema.ts';

/** How a value merges: by its parts, each of which has its owners, or as one. */
export type Merging =
  | { readonly by: 'whole' }
  | { readonly by: 'fields' }
  | { readonly by: 'keys'; readonly keys: readonly string[] }
  | { readonly by: 'values' };

/** What is known of the values at one place of a kind. */
export interface Shape {
  merging(value: Json): Merging;
  field(name: string): Shape;
  readonly item: Shape;
  /** Whether its fields are entries of a map, each of which counts by itself, instead of those of a structure. */
  readonly isMap: boolean;
}

const whole: Merging = { by: 'whole' };
const byFields: Merging = { by: 'fields' };

export function shapeOf(type: ResourceType): Shape {
  const builtIn = builtInShape(type.kind, '');
  if (type.schema === undefined) return builtIn;
  const custom = schemaShape(type.schema);
  return { ...custom, field: (name) => (name === 'metadata' ? builtIn.field('metadata') : custom.field(name)) };
}

function schemaShape(schema: Schema | undefined): Shape {
  return {
    isMap: schema?.properties === undefined,
    merging: (value) => {
      if (isJsonObject(value)) return schema?.['x-kubernetes-map-type'] === 'atomic' ? whole : byFields;
      if (!Array.isArray(value)) return whole;
      const keys = schema?.['x-kubernetes-list-map-keys'];
      if (keys !== undefined) return { by: 'keys', keys };
      return schema?.['x-kubernetes-list-type'] === 'set' ? { by: 'values' } : whole;
    },
    field: (name) => schemaShape(schema === undefined ? undefined : fieldSchema(schema, name)),
    get item() { return schemaShape(schema?.items); },
  };
}

/** Lists of the built-in kinds whose items have names; all others are replaced as a whole. From `x-kubernetes-list-map-keys` of the API's description. */
const listKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'], initContainers: ['name'], ephemeralContainers: ['name'], env: ['name'], volumes: ['name'], volumeMounts: ['mountPath'], volumeDevices: ['devicePath'],
  imagePullSecrets: ['name'], hostAliases: ['ip'], topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'], conditions: ['type'], ownerReferences: ['uid'], secrets: ['name'],
  containerStatuses: ['name'], matchConditions: ['name'], variables: ['name'],
};

/** By kind, where the same name is another list. */
const portKeys: Readonly<Record<string, readonly string[]>> = { Service: ['port', 'protocol'], NetworkPolicy: [] };

const wholeMaps: ReadonlySet<string> = new Set(['nodeSelector', 'selector', 'podSelector', 'namespaceSelector', 'labelSelector', 'secretKeyRef', 'configMapKeyRef', 'fieldRef', 'resourceFieldRef', 'roleRef', 'regarding', 'involvedObject', 'scaleTargetRef']);
const maps: ReadonlySet<string> = new Set(['labels', 'annotations', 'data', 'stringData', 'binaryData', 'limits', 'requests', 'matchLabels']);

function builtInShape(kind: string, name: string): Shape {
  return {
    isMap: maps.has(name),
    merging: (value) => {
      if (isJsonObject(value)) return wholeMaps.has(name) && !(kind === 'Service' && name === 'selector') ? whole : byFields;
      if (!Array.isArray(value)) return whole;
      if (name === 'finalizers') return { by: 'values' };
      const keys = name === 'ports' ? (portKeys[kind] ?? ['containerPort', 'protocol']) : listKeys[name];
      return keys === undefined || keys.length === 0 ? whole : { by: 'keys', keys };
    },
    field: (field) => builtInShape(kind, field),
    get item() { return builtInShape(kind, ''); },
  };
}
