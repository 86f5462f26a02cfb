import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { HoldfastError } from '../../../src/operations/errors.ts';
import { validate } from '../../../src/operations/http/validate.ts';

const Shop = z.strictObject({ name: z.string().min(2), size: z.coerce.number().int().default(1), tags: z.array(z.string()).max(3).optional() });

function refusalOf(input: unknown, schema: z.ZodType = Shop): HoldfastError {
  try {
    validate(schema, input);
  } catch (error) {
    if (error instanceof HoldfastError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('validate', () => {
  it('gives what the schema makes of the input', () => {
    expect(validate(Shop, { name: 'north', size: '3' })).toEqual({ name: 'north', size: 3 });
  });

  it('names every field that is wrong, the rule and why, in the reader’s language', () => {
    const error = refusalOf({ name: 'x', tags: ['a', 7] });
    expect(error).toMatchObject({ code: 'REQUEST_INVALID', status: 422, category: 'validation' });
    expect(error.dataFor('en')).toEqual({
      fields: [
        { field: 'name', rule: 'too_small', message: 'Too small: expected string to have >=2 characters' },
        { field: 'tags.1', rule: 'invalid_type', message: 'Invalid input: expected string, received number' },
      ],
    });
    expect(error.dataFor('zh')).toEqual({
      fields: [
        { field: 'name', rule: 'too_small', message: expect.stringMatching(/数值过小/) },
        { field: 'tags.1', rule: 'invalid_type', message: expect.stringMatching(/无效输入/) },
      ],
    });
  });

  it('never repeats the values that were sent', () => {
    const error = refusalOf({ name: ['hunter2'], size: 'hunter2' });
    expect(JSON.stringify([error.message, error.dataFor('en'), error.dataFor('zh')])).not.toContain('hunter2');
  });

  it('keeps an answer short, whatever was sent', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_value, index) => [`key${index}`, index]));
    expect(JSON.stringify(refusalOf(many).dataFor('en')).length).toBeLessThan(2000);
    expect(refusalOf(Array.from({ length: 500 }, () => 1), z.array(z.string())).dataFor('en')['fields']).toHaveLength(20);
  });

  it.each([[undefined], [null], [7], ['text'], [[]]])('refuses %j where an object belongs', (input) => {
    expect(refusalOf(input).dataFor('en')).toMatchObject({ fields: [{ field: '', rule: 'invalid_type' }] });
  });
});
