import { keyStep } from './apply/field-paths.ts';
import type { Shape } from './apply/shape.ts';
import { isJsonObject, type Json, type JsonObject } from './api-object.ts';

/** Kubernetes' own patch, which kubectl sends for built-in kinds: lists whose items have keys are merged item by item. Directives: `$patch`, `$setElementOrder` (ignored). */
export function strategicPatch(target: Json | undefined, patch: Json, shape: Shape): Json {
  if (!isJsonObject(patch)) return Array.isArray(patch) ? patchList(target, patch as readonly Json[], shape) : patch;
  if (patch['$patch'] === 'replace') return withoutDirectives(patch);
  const patched: Record<string, Json> = isJsonObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(withoutDirectives(patch))) {
    if (value === null) delete patched[name];
    else patched[name] = strategicPatch(patched[name], value, shape.field(name));
  }
  return patched;
}

function patchList(target: Json | undefined, patch: readonly Json[], shape: Shape): Json {
  const merging = shape.merging(patch);
  if (merging.by === 'values') return [...new Set([...((target ?? []) as readonly Json[]), ...patch])];
  if (merging.by !== 'keys' || !Array.isArray(target)) return patch.map((item) => (isJsonObject(item) ? withoutDirectives(item) : item));
  const items = new Map((target as readonly JsonObject[]).map((item) => [keyStep(item, merging.keys), item as Json]));
  for (const item of patch as readonly JsonObject[]) {
    const key = keyStep(item, merging.keys);
    if (item['$patch'] === 'delete') items.delete(key);
    else items.set(key, strategicPatch(items.get(key), item, shape.item));
  }
  return [...items.values()];
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([name]) => !name.startsWith('$')));
}
