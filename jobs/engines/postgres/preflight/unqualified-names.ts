/** Names of objects in users' schemas, unquoted. */
export interface KnownNames {
  readonly relations: ReadonlySet<string>;
  readonly functions: ReadonlySet<string>;
  readonly types: ReadonlySet<string>;
}

/** Words after which a relation's name stands. */
const beforeRelation = new Set(['from', 'join', 'into', 'update', 'only', 'table']);
const token = /--[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"]|"")+"|[a-z_\u0080-\uffff][\w$\u0080-\uffff]*|::|[.(]|\S/gi;

/**
 * Objects that a function's body names without a schema, so that it finds them through the search path only. Read as words, not
 * parsed: what is named inside quotes (dynamic SQL) counts, what is a name of something else as well may count wrongly.
 */
export function findUnqualifiedNames(body: string, known: KnownNames): string[] {
  const tokens = (body.match(token) ?? []).filter((text) => !text.startsWith('--') && !text.startsWith('/*'));
  const found = new Set<string>();
  tokens.forEach((text, index) => {
    const [before, after] = [tokens[index - 1]?.toLowerCase() ?? '', tokens[index + 1] ?? ''];
    if (before === '.' || after === '.') return;
    const name = text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text.toLowerCase();
    if (beforeRelation.has(before) && known.relations.has(name)) found.add(name);
    else if (after === '(' && before !== 'into' && known.functions.has(name)) found.add(name);
    else if (before === '::' && known.types.has(name)) found.add(name);
  });
  return [...found].toSorted();
}
