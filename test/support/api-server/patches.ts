import { isJsonObject, type Json, type JsonObject } from './api-object.ts';
import { badRequest, Refusal } from './refusal.ts';

/** RFC 7386. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const merged: Record<string, Json> = isJsonObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = mergePatch(merged[name], value);
  }
  return merged;
}

interface Operation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  readonly path: string;
  readonly from?: string;
  readonly value?: Json;
}

/** RFC 6902. */
export function jsonPatch(target: JsonObject, operations: Json): JsonObject {
  if (!Array.isArray(operations)) throw badRequest('a JSON patch is a list of operations');
  return (operations as readonly unknown[] as readonly Operation[]).reduce((document, operation) => applyOperation(document, operation), structuredClone(target));
}

function applyOperation(document: JsonObject, { op, path, from, value }: Operation): JsonObject {
  switch (op) {
    case 'add':
      return written(document, path, value ?? null, 'insert');
    case 'replace':
      read(document, path);
      return written(document, path, value ?? null, 'replace');
    case 'remove':
      return removed(document, path);
    case 'copy':
      return written(document, path, structuredClone(read(document, from ?? '')), 'insert');
    case 'move':
      return written(removed(document, from ?? ''), path, read(document, from ?? ''), 'insert');
    case 'test':
      if (!isEqual(read(document, path), value ?? null)) throw new Refusal(422, 'Invalid', `the server rejected our request due to an error in our request: testing path ${path} failed`);
      return document;
    default:
      throw badRequest(`a JSON patch has no operation ${String(op satisfies never)}`);
  }
}

type Container = Record<string, Json> | Json[];

function stepsOf(path: string): string[] {
  return path.split('/').slice(1).map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(document: JsonObject, path: string): Json {
  return stepsOf(path).reduce<Json>((held, step) => {
    const next = (held as Record<string, Json> | null)?.[step];
    if (next === undefined) throw new Refusal(422, 'Invalid', `the server rejected our request due to an error in our request: ${path} does not exist`);
    return next;
  }, document);
}

function parentOf(document: JsonObject, path: string): { readonly parent: Container; readonly last: string } {
  const steps = stepsOf(path);
  const last = steps.pop() ?? '';
  return { parent: read(document, steps.map((step) => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')) as Container, last };
}

function written(document: JsonObject, path: string, value: Json, how: 'insert' | 'replace'): JsonObject {
  if (path === '') return value as JsonObject;
  const { parent, last } = parentOf(document, path);
  if (!Array.isArray(parent)) parent[last] = value;
  else if (last === '-') parent.push(value);
  else parent.splice(Number(last), how === 'insert' ? 0 : 1, value);
  return document;
}

function removed(document: JsonObject, path: string): JsonObject {
  read(document, path);
  const { parent, last } = parentOf(document, path);
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return document;
}

/** Equality of JSON, whatever the order of fields; a field that is undefined is as one that is not there. */
export function isEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) return Array.isArray(right) && left.length === right.length && left.every((item, index) => isEqual(item, right[index]));
  if (!isJsonObject(left) || !isJsonObject(right) || Array.isArray(right)) return false;
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => isEqual(left[name], right[name]));
}
