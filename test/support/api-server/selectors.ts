import type { ApiObject } from './api-object.ts';
import { badRequest } from './refusal.ts';

export type Matches = (object: ApiObject) => boolean;

/** `a=b,c!=d,e in (f,g),h,!i` */
export function labelSelector(text: string): Matches {
  const requirements = splitOutsideParentheses(text).map(requirement);
  return ({ metadata: { labels = {} } }) => requirements.every((holds) => holds(labels));
}

function requirement(text: string): (labels: Readonly<Record<string, string>>) => boolean {
  const set = /^(?<name>[^\s!=]+)\s+(?<verb>in|notin)\s+\((?<values>[^)]*)\)$/.exec(text)?.groups;
  if (set?.['name'] !== undefined) {
    const { name, verb, values = '' } = set;
    const allowed = values.split(',').map((value) => value.trim());
    return (labels) => (labels[name] !== undefined && allowed.includes(labels[name])) === (verb === 'in');
  }
  const equality = /^(?<name>[^\s!=]+)\s*(?<operator>==?|!=)\s*(?<value>.*)$/.exec(text)?.groups;
  if (equality?.['name'] !== undefined) {
    const { name, operator, value } = equality;
    return (labels) => (labels[name] === value) === (operator !== '!=');
  }
  if (/^![^\s!=]+$/.test(text)) return (labels) => !(text.slice(1) in labels);
  if (/^[^\s!=]+$/.test(text)) return (labels) => text in labels;
  throw badRequest(`unable to parse requirement: ${text}`);
}

function splitOutsideParentheses(text: string): string[] {
  return text.split(/,(?![^(]*\))/).map((part) => part.trim()).filter((part) => part !== '');
}

/** `metadata.name=x,status.phase!=y` on any field; a real server indexes a few only, and refuses the others. */
export function fieldSelector(text: string): Matches {
  const requirements = splitOutsideParentheses(text).map((part) => {
    const [, path, operator, value] = /^([^!=]+)(==?|!=)(.*)$/.exec(part) ?? [];
    if (path === undefined) throw badRequest(`invalid field selector ${JSON.stringify(part)}`);
    return { steps: path.split('.'), equal: operator !== '!=', value: value ?? '' };
  });
  return (object) => requirements.every(({ steps, equal, value }) => (fieldAt(object, steps) === value) === equal);
}

function fieldAt(object: ApiObject, steps: readonly string[]): string {
  const value = steps.reduce<unknown>((held, step) => (held as Record<string, unknown> | undefined)?.[step], object);
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
}

export function everyMatch({ namespace, labels, fields }: { readonly namespace?: string | undefined; readonly labels?: string | undefined; readonly fields?: string | undefined }): Matches {
  const matches: readonly Matches[] = [
    ...(namespace === undefined ? [] : [(object: ApiObject) => object.metadata.namespace === namespace]),
    ...(labels === undefined || labels === '' ? [] : [labelSelector(labels)]),
    ...(fields === undefined || fields === '' ? [] : [fieldSelector(fields)]),
  ];
  return (object) => matches.every((holds) => holds(object));
}
