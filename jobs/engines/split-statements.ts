import { drillErrors } from './drill-errors.ts';

export type SqlDialect = 'postgres' | 'sqlite';

export interface SqlStatement {
  /** From its first word, without the semicolon. */
  readonly text: string;
  /** Of its first word, counted from 1. */
  readonly line: number;
}

/** What may hold a semicolon that ends nothing. The first that matches at a place is taken; where none does, one character. */
const tokens: Record<SqlDialect, readonly RegExp[]> = {
  postgres: [
    /--[^\n]*/y,
    /[eE]'(?:[^'\\]|\\.|'')*'/sy,
    /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y,
    /'(?:[^']|'')*'/y,
    /"(?:[^"]|"")*"/y,
    /(\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$).*?\1/sy,
  ],
  sqlite: [/--[^\n]*/y, /\/\*.*?(?:\*\/|$)/sy, /'(?:[^']|'')*'/y, /"(?:[^"]|"")*"/y, /`(?:[^`]|``)*`/y, /\[[^\]]*\]/y],
};

const unfinished = /['"]|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;

/**
 * Separates SQL text into its statements as psql or sqlite3 do: at semicolons that are in no literal, name, comment or
 * parentheses. Throws DRILL_ASSERTIONS_INVALID for what never ends and for commands of these programs.
 */
export function splitStatements(sql: string, dialect: SqlDialect): SqlStatement[] {
  const statements: SqlStatement[] = [];
  let first: number | undefined;
  let depth = 0;
  const lineOf = (place: number) => sql.slice(0, place).split('\n').length;
  const close = (end: number) => {
    if (first !== undefined) statements.push({ text: sql.slice(first, end).trimEnd(), line: lineOf(first) });
    first = undefined;
    depth = 0;
  };
  for (let place = 0; place < sql.length; ) {
    const character = sql[place] as string;
    const length = lengthOfToken(sql, place, dialect);
    if (length === undefined) throw drillErrors.DRILL_ASSERTIONS_INVALID({ reason: `no end of what begins with ${character}`, line: lineOf(place) });
    const isComment = sql.startsWith('--', place) || sql.startsWith('/*', place);
    if (character === ';' && depth === 0) {
      close(place);
    } else if (!isComment && !/\s/.test(character)) {
      if (first === undefined && (character === '\\' || (dialect === 'sqlite' && character === '.'))) {
        throw drillErrors.DRILL_ASSERTIONS_INVALID({ reason: 'a command that is not SQL', line: lineOf(place) });
      }
      first ??= place;
      if (character === '(') depth += 1;
      else if (character === ')') depth = Math.max(0, depth - 1);
    }
    place += length;
  }
  close(sql.length);
  return statements;
}

/** Undefined where it has no end. */
function lengthOfToken(sql: string, place: number, dialect: SqlDialect): number | undefined {
  if (dialect === 'postgres' && sql.startsWith('/*', place)) return lengthOfNestedComment(sql, place);
  for (const token of tokens[dialect]) {
    token.lastIndex = place;
    const match = token.exec(sql);
    if (match !== null) return match[0].length;
  }
  unfinished.lastIndex = place;
  const isOpen = unfinished.exec(sql)?.[0];
  return isOpen === undefined || (dialect === 'sqlite' && isOpen.startsWith('$')) ? 1 : undefined;
}

function lengthOfNestedComment(sql: string, place: number): number | undefined {
  let depth = 0;
  for (const { 0: mark, index } of sql.slice(place).matchAll(/\/\*|\*\//g)) {
    depth += mark === '/*' ? 1 : -1;
    if (depth === 0) return index + 2;
  }
  return undefined;
}
