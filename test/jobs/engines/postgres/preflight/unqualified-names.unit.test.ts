import { describe, expect, it } from '@jest/globals';
import { findUnqualifiedNames } from '../../../../../jobs/engines/postgres/preflight/unqualified-names.ts';

const known = { relations: new Set(['orders', 'Odd Name']), functions: new Set(['total']), types: new Set(['mood']) };

describe('names without a schema in the text of a function', () => {
  it.each([
    ['a table', 'SELECT sum(amount) FROM orders', ['orders']],
    ['a joined one, in any case', 'select 1 from public.x JOIN Orders o on true', ['orders']],
    ['a quoted one', 'SELECT 1 FROM "Odd Name"', ['Odd Name']],
    ['one in dynamic SQL', "EXECUTE 'SELECT count(*) FROM orders'", ['orders']],
    ['a function', 'SELECT total(1)', ['total']],
    ['a type', "SELECT 'ok'::mood", ['mood']],
    ['what is qualified', 'SELECT public.total(1) FROM public.orders, x WHERE orders.id = 1 AND y = z::public.mood', []],
    ['comments', 'SELECT 1 -- FROM orders\n /* JOIN orders */', []],
    ['columns and other words of the same name', 'SELECT orders, total FROM public.t', []],
  ])('finds %s', (_, body, expected) => {
    expect(findUnqualifiedNames(body, known)).toEqual(expected);
  });
});
