import { expect, test } from '@jest/globals';
import { covers } from '../../src/controller/covers.ts';

test.each([
  ['what the server filled in', { a: 1, filled: 'in' }, { a: 1 }],
  ['the same inside of lists', { list: [{ name: 'x', filled: 'in' }] }, { list: [{ name: 'x' }] }],
  ['what is empty, which the server leaves out', {}, { list: [], map: {}, text: '' }],
  ['what others put into lists that merge by a key', { env: [{ name: 'theirs' }, { name: 'ours', value: '1' }], volumeMounts: [{ name: 'x', mountPath: '/a' }, { name: 'x', mountPath: '/b' }] }, { env: [{ name: 'ours', value: '1' }], volumeMounts: [{ name: 'x', mountPath: '/b' }] }],
  ['quantities written otherwise', { cpu: '500m', memory: '1Gi', count: 1 }, { cpu: '0.5', memory: '1024Mi', count: '1' }],
  ['what is not wanted to be anything', { a: 1 }, { a: 1, b: undefined }],
])('overlooks %s', (_, actual, wanted) => {
  expect(covers(actual, wanted)).toBe(true);
});

test.each([
  ['a value that differs', { a: 1 }, { a: 2 }],
  ['a value that is missing', {}, { a: false }],
  ['an item too many', { list: [1, 2] }, { list: [1] }],
  ['a value that differs in a list that merges by a key', { env: [{ name: 'other' }, { name: 'ours', value: '1' }] }, { env: [{ name: 'ours', value: '2' }] }],
  ['another order', { list: [1, 2] }, { list: [2, 1] }],
  ['another quantity', { memory: '1Gi' }, { memory: '1G' }],
  ['text that only begins alike', { image: '1.0' }, { image: '1.0.1' }],
])('sees %s', (_, actual, wanted) => {
  expect(covers(actual, wanted)).toBe(false);
});
