import { isJsonObject, type Json } from '../api-object.ts';
import { isWithin, type Part, partsOf, type Paths, under } from './field-paths.ts';
import type { Shape } from './shape.ts';

/** What is applied laid over what is there: part by part where the kind merges so. */
export function merge(live: Json | undefined, applied: Json, shape: Shape): Json {
  const merging = shape.merging(applied);
  if (live === undefined || merging.by === 'whole' || Array.isArray(live) !== Array.isArray(applied) || isJsonObject(live) !== isJsonObject(applied)) return applied;
  const [before, wanted] = [partsOf(live, shape), partsOf(applied, shape)];
  const liveByStep = new Map(before.map((part) => [part.step, part.value]));
  const merged = inOrder(before, wanted).map((part) => {
    const laid = wanted.find(({ step }) => step === part.step);
    return { ...part, value: laid === undefined ? part.value : merge(liveByStep.get(part.step), laid.value, laid.shape) };
  });
  return assembled(merged, isJsonObject(applied));
}

/** Items that are applied keep their order; others stay where they were, before what is new. */
function inOrder(live: readonly Part[], applied: readonly Part[]): Part[] {
  const wanted = new Set(applied.map(({ step }) => step));
  const shared = new Set(live.map(({ step }) => step).filter((step) => wanted.has(step)));
  const rest = [...live];
  const ordered: Part[] = [];
  const takeOthers = (): void => {
    while (rest[0] !== undefined && !wanted.has(rest[0].step)) ordered.push(rest.shift() as Part);
  };
  for (const part of applied) {
    takeOthers();
    if (shared.has(part.step)) rest.shift();
    ordered.push(part);
  }
  return [...ordered, ...rest.filter(({ step }) => !wanted.has(step))];
}

/** Takes out what `paths` name, and what is left empty by that. */
export function without(value: Json, shape: Shape, paths: Paths, path = ''): Json | undefined {
  if (shape.merging(value).by === 'whole' || paths.size === 0) return value;
  const parts = partsOf(value, shape);
  const kept = parts.flatMap((part) => {
    const place = under(path, part.step);
    if (paths.has(place)) return [];
    if (![...paths].some((doomed) => isWithin(doomed, place))) return [part];
    const left = without(part.value, part.shape, paths, place);
    return left === undefined ? [] : [{ ...part, value: left }];
  });
  return kept.length === 0 && parts.length > 0 ? undefined : assembled(kept, isJsonObject(value));
}

function assembled(parts: readonly Part[], isObject: boolean): Json {
  return isObject ? Object.fromEntries(parts.map(({ step, value }) => [step.slice(2), value])) : parts.map(({ value }) => value);
}
