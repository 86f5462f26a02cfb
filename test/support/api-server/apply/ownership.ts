import { type ApiObject, type Json, type ManagedFields, type Metadata, timestamp } from '../api-object.ts';
import { isEqual } from '../patches.ts';
import { apiVersionOf, type ResourceType } from '../resource-types.ts';
import { fromFieldsV1, isWithin, type Paths, type Places, placesOf, toFieldsV1 } from './field-paths.ts';
import { type Shape, shapeOf } from './shape.ts';

/** Who writes: an entry of managedFields. */
export interface Writer {
  readonly manager: string;
  readonly operation: ManagedFields['operation'];
  readonly subresource?: string | undefined;
}

export interface Owner extends Writer {
  readonly apiVersion: string;
  readonly time: string;
  readonly paths: Paths;
}

export function ownersOf(object: ApiObject | undefined): Owner[] {
  return (object?.metadata.managedFields ?? []).map(({ fieldsV1, fieldsType: _type, ...writer }) => ({ ...writer, paths: fromFieldsV1(fieldsV1) }));
}

export function managedFieldsOf(owners: readonly Owner[]): ManagedFields[] {
  return owners.filter(({ paths }) => paths.size > 0).map(({ manager, operation, apiVersion, time, subresource, paths }) => ({
    manager, operation, apiVersion, time, fieldsType: 'FieldsV1', fieldsV1: toFieldsV1(paths), ...(subresource !== undefined && { subresource }),
  }));
}

export function isSame(left: Writer, right: Writer): boolean {
  return left.manager === right.manager && left.operation === right.operation && left.subresource === right.subresource;
}

export interface Difference {
  /** Added or changed. */
  readonly written: Paths;
  readonly removed: Paths;
}

export function difference(before: Places, after: Places): Difference {
  return {
    written: new Set([...after].filter(([path, value]) => !before.has(path) || !isEqual(before.get(path), value)).map(([path]) => path)),
    removed: new Set([...before.keys()].filter((path) => !after.has(path))),
  };
}

/** The places that have owners: neither what the server sets nor what this endpoint does not write. */
export function ownedPlaces(type: ResourceType, object: ApiObject | undefined, subresource: string | undefined, shape: Shape = shapeOf(type)): Places {
  return object === undefined ? new Map() : placesOf(trackable(type, object, subresource), shape);
}

export function trackable(type: ResourceType, { metadata, apiVersion: _version, kind: _kind, status, ...content }: ApiObject, subresource: string | undefined): Json {
  if (subresource === 'status') return (status === undefined ? {} : { status }) as Json;
  const { labels, annotations, finalizers, ownerReferences, generateName } = metadata;
  const own: Metadata = { ...(labels && { labels }), ...(annotations && { annotations }), ...(finalizers && { finalizers }), ...(ownerReferences && { ownerReferences }), ...(generateName && { generateName }) };
  return { ...content, ...(!type.status && status !== undefined && { status }), ...(Object.keys(own).length > 0 && { metadata: own }) } as unknown as Json;
}

/** The owners after a plain write: who wrote a field owns it alone. */
export function afterUpdate(type: ResourceType, before: ApiObject | undefined, after: ApiObject, writer: Writer): ManagedFields[] {
  const shape = shapeOf(type);
  const { written, removed } = difference(ownedPlaces(type, before, writer.subresource, shape), ownedPlaces(type, after, writer.subresource, shape));
  const owners = ownersOf(before);
  if (written.size === 0 && removed.size === 0) return managedFieldsOf(owners);
  const own = owners.find((owner) => isSame(owner, writer));
  const others = owners.filter((owner) => owner !== own).map((owner) => ({ ...owner, paths: minus(owner.paths, written, removed) }));
  const paths = new Set([...minus(own?.paths ?? new Set(), removed), ...written]);
  return managedFieldsOf([...others, { ...writer, apiVersion: apiVersionOf(type), time: timestamp(new Date()), paths }]);
}

/** What is left of paths when others are taken, with everything inside what is gone. */
export function minus(paths: Paths, ...taken: readonly Paths[]): Set<string> {
  const [written = new Set<string>(), removed = new Set<string>()] = taken.length === 1 ? [new Set<string>(), taken[0]] : taken;
  return new Set([...paths].filter((path) => !written.has(path) && !removed.has(path) && ![...removed].some((gone) => isWithin(path, gone))));
}
