import { describe, expect, it } from '@jest/globals';
import { defineErrorFamily, HoldfastError } from '../../src/operations/errors.ts';

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
});
