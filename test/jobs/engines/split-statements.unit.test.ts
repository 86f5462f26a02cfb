import { describe, expect, it } from '@jest/globals';
import { splitStatements } from '../../../jobs/engines/split-statements.ts';

const texts = (sql: string, dialect: 'postgres' | 'sqlite' = 'postgres') => splitStatements(sql, dialect).map(({ text }) => text);

describe('splitting SQL', () => {
  it.each([
    ["SELECT 1; SELECT 2", ['SELECT 1', 'SELECT 2']],
    ["-- a; comment\nSELECT ';' ;; /* ; /* ; */ ; */ ;", ["SELECT ';'"]],
    [`SELECT E'it\\'s;', 'it''s;', "a "";" ; SELECT 2;`, [`SELECT E'it\\'s;', 'it''s;', "a "";"`, 'SELECT 2']],
    ['SELECT $$;$$, $tag$ ; $$ ; $tag$; SELECT $1', ['SELECT $$;$$, $tag$ ; $$ ; $tag$', 'SELECT $1']],
    ["SELECT name'\\'; SELECT a$b$c; SELECT '$$'", ["SELECT name'\\'", 'SELECT a$b$c', "SELECT '$$'"]],
    ['SELECT (1;2); SELECT 3', ['SELECT (1;2)', 'SELECT 3']],
    ['  \n\t', []],
  ])('as psql does: %s', (sql, expected) => {
    expect(texts(sql)).toEqual(expected);
  });

  it.each([
    ["SELECT '\\'; SELECT [a;b], `c;d`, \"e;f\"", ["SELECT '\\'", 'SELECT [a;b], `c;d`, "e;f"']],
    ["/* ; /* */ SELECT $a; -- ;\nSELECT ':;'", ['SELECT $a', "SELECT ':;'"]],
  ])('as sqlite3 does: %s', (sql, expected) => {
    expect(texts(sql, 'sqlite')).toEqual(expected);
  });

  it('says in which line a statement begins', () => {
    expect(splitStatements('-- first\n\nSELECT 1;\n\n SELECT\n2;', 'postgres').map(({ line }) => line)).toEqual([3, 5]);
  });

  it.each([
    ["SELECT 1;\nSELECT 'open", 2, 'postgres'],
    ['SELECT $x$ open', 1, 'postgres'],
    ['/* open /* */', 1, 'postgres'],
    ['SELECT 1;\n\n\\copy t from x', 3, 'postgres'],
    ['.tables', 1, 'sqlite'],
    ['SELECT "open', 1, 'sqlite'],
  ] as const)('refuses what never ends and what is no SQL: %s', (sql, line, dialect) => {
    expect(() => splitStatements(sql, dialect)).toThrow(expect.objectContaining({ code: 'DRILL_ASSERTIONS_INVALID', category: 'usage', values: expect.objectContaining({ line }) }));
  });
});
