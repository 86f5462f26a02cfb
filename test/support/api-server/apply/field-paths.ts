import { type FieldsV1, isJsonObject, type Json, type JsonObject } from '../api-object.ts';
import type { Shape } from './shape.ts';

/**
 * Places in an object, each written as the steps of FieldsV1 (`f:spec`, `k:{"name":"job"}`, `v:"finalizer"`), with what is there:
 * a leaf's value, or undefined for an item or entry whose parts count by themselves.
 */
export type Places = ReadonlyMap<string, Json | undefined>;
export type Paths = ReadonlySet<string>;

const separator = '\u0001';

export function under(path: string, step: string): string {
  return path === '' ? step : `${path}${separator}${step}`;
}

export function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(outer + separator);
}

export function placesOf(value: Json, shape: Shape): Places {
  const places = new Map<string, Json | undefined>();
  collect(value, shape, '', places);
  return places;
}

function collect(value: Json, shape: Shape, path: string, places: Map<string, Json | undefined>): void {
  const merging = shape.merging(value);
  const parts = merging.by === 'whole' ? [] : partsOf(value, shape);
  if (parts.length === 0) {
    if (path !== '') places.set(path, value);
    return;
  }
  for (const { step, value: part, shape: partShape } of parts) {
    const place = under(path, step);
    if (merging.by !== 'fields' || shape.isMap) places.set(place, undefined);
    if (merging.by === 'values') places.set(place, part);
    else collect(part, partShape, place, places);
  }
}

export interface Part {
  readonly step: string;
  readonly value: Json;
  readonly shape: Shape;
}

/** The parts of a value that merges by parts. */
export function partsOf(value: Json, shape: Shape): Part[] {
  if (isJsonObject(value)) return Object.entries(value).map(([name, field]) => ({ step: `f:${name}`, value: field, shape: shape.field(name) }));
  const merging = shape.merging(value);
  return (value as readonly Json[]).map((item) => ({ step: merging.by === 'keys' ? keyStep(item as JsonObject, merging.keys) : `v:${JSON.stringify(item)}`, value: item, shape: shape.item }));
}

/** The first item that a list which merges by keys or values has twice. */
export function duplicateIn(value: Json, shape: Shape, path = ''): string | undefined {
  if (shape.merging(value).by === 'whole') return undefined;
  const places = new Set<string>();
  for (const part of partsOf(value, shape)) {
    const place = under(path, part.step);
    const twice = places.has(place) ? place : duplicateIn(part.value, part.shape, place);
    if (twice !== undefined) return twice;
    places.add(place);
  }
  return undefined;
}

/** Keys that are not given have the API's default. */
const keyDefaults: Readonly<Record<string, Json>> = { protocol: 'TCP' };

export function keyStep(item: JsonObject, keys: readonly string[]): string {
  return `k:${JSON.stringify(Object.fromEntries(keys.map((key) => [key, item[key] ?? keyDefaults[key] ?? null])))}`;
}

export function toFieldsV1(paths: Paths): FieldsV1 {
  const root: Record<string, unknown> = {};
  for (const path of paths) {
    const held = path.split(separator).reduce<Record<string, unknown>>((fields, step) => (fields[step] ??= {}) as Record<string, unknown>, root);
    held['.'] = {};
  }
  return withoutLeafDots(root);
}

/** A leaf is `{}`, an item that has parts and counts itself says so by `.`. */
function withoutLeafDots(fields: Record<string, unknown>): FieldsV1 {
  const names = Object.keys(fields);
  if (names.length === 1 && names[0] === '.') return {};
  return Object.fromEntries(Object.entries(fields).map(([name, inner]) => [name, withoutLeafDots(inner as Record<string, unknown>)]));
}

export function fromFieldsV1(fields: FieldsV1, path = ''): Set<string> {
  const names = Object.keys(fields);
  if (names.length === 0) return new Set(path === '' ? [] : [path]);
  return new Set(names.flatMap((name) => (name === '.' ? [path] : [...fromFieldsV1(fields[name] ?? {}, under(path, name))])));
}

/** `.spec.template.spec.containers[name="job"].image`, as conflicts are told. */
export function readable(path: string): string {
  return path.split(separator).map((step) => {
    if (step.startsWith('f:')) return `.${step.slice(2)}`;
    if (step.startsWith('v:')) return `[=${step.slice(2)}]`;
    return `[${Object.entries(JSON.parse(step.slice(2)) as JsonObject).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
  }).join('');
}
