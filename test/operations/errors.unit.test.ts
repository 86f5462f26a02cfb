import { describe, expect, it } from '@jest/globals';
import { defineErrorFamily, HoldfastError, isUnexpected } from '../../src/operations/errors.ts';

const errors = defineErrorFamily({
  CUP_EMPTY: {
    category: 'not_found',
    status: 404,
    retryable: false,
    message: { en: 'The cup {cup} is empty', zh: '杯子 {cup} 是空的' },
    hint: { en: 'Fill {cup}.', zh: '请装满 {cup}。' },
  },
});

describe('defineErrorFamily', () => {
  it('makes errors that carry code, category, status, hint and cause', () => {
    const cause = new Error('leak');
    const error = errors.CUP_EMPTY({ cup: 'blue' }, { cause });
    expect(error).toBeInstanceOf(HoldfastError);
    expect(error).toMatchObject({ code: 'CUP_EMPTY', category: 'not_found', status: 404, retryable: false, cause });
    expect(error.message).toBe('The cup blue is empty');
    expect(error.hint).toBe('Fill blue.');
  });

  it('describes the same error in the reader’s language', () => {
    expect(errors.CUP_EMPTY({ cup: 'blue' }).describe('zh')).toEqual({ message: '杯子 blue 是空的', hint: '请装满 blue。' });
  });

  it('takes texts as values: each language gets its own, and programs the English one', () => {
    const error = errors.CUP_EMPTY({ cup: { en: 'blue', zh: '蓝色' } });
    expect(error.describe('zh').message).toBe('杯子 蓝色 是空的');
    expect(error.message).toBe('The cup blue is empty');
    expect(error.values).toEqual({ cup: 'blue' });
  });

  it('gives programs its values and data, texts at any depth in the reader’s language', () => {
    const blue = { en: 'blue', zh: '蓝色' };
    const error = errors.CUP_EMPTY({ cup: blue }, { data: { fields: [{ name: 'cup', colour: blue, size: 3, lid: null }] } });
    expect(error.dataFor('zh')).toEqual({ cup: '蓝色', fields: [{ name: 'cup', colour: '蓝色', size: 3, lid: null }] });
    expect(error.dataFor('en')).toMatchObject({ cup: 'blue' });
  });
});

const of = (category: 'internal' | 'integrity' | 'business_logic' | 'dependency') =>
  defineErrorFamily({ X: { category, status: 500, retryable: false, message: { en: 'x', zh: 'x' }, hint: { en: 'x', zh: 'x' } } }).X({});

describe('isUnexpected', () => {
  it.each([
    ['a mistake in the code', new TypeError('x'), true],
    ['something else than an error', 'x', true],
    ['what is internal', of('internal'), true],
    ['content that differs from its promise', of('integrity'), true],
    ['a rule that refused', of('business_logic'), false],
    ['a dependency that is away', of('dependency'), false],
    ['a library’s refusal of the caller', Object.assign(new Error('x'), { status: 404, expose: true }), false],
    ['an upstream’s refusal of us', Object.assign(new Error('x'), { status: 404 }), true],
  ])('%s: %#', (_what, error, unexpected) => {
    expect(isUnexpected(error)).toBe(unexpected);
  });
});
