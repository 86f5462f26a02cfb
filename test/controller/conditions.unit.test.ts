import { expect, test } from '@jest/globals';
import { conditionsOf, type Finding } from '../../src/controller/conditions.ts';

const ready = (status: Finding['status'], message = ''): Finding => ({ type: 'Ready', status, reason: 'Because', message });
const early = { now: new Date('2026-01-16T10:00:00.500Z'), generation: 1 };
const late = { now: new Date('2026-01-16T11:00:00.500Z'), generation: 2 };

test('keeps since when a condition holds, whatever else it says', () => {
  const before = conditionsOf(undefined, [ready('True')], early);
  expect(conditionsOf(before, [ready('True', 'still')], late)).toEqual([{ ...ready('True', 'still'), lastTransitionTime: '2026-01-16T10:00:00Z', observedGeneration: 2 }]);
  expect(conditionsOf(before, [ready('False')], late)[0]?.lastTransitionTime).toBe('2026-01-16T11:00:00Z');
});

test('drops a condition that is not found any more', () => {
  const before = conditionsOf(undefined, [ready('True'), { ...ready('True'), type: 'Whole' }], early);
  expect(conditionsOf(before, [ready('True')], late).map(({ type }) => type)).toEqual(['Ready']);
});
