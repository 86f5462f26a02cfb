import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { hardeningVariables } from '../../../src/operations/security/hardening-variables.ts';
import { checkRows, hardeningRows } from './document-tables.ts';

const document = (name: string): string => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');

// When one of these fails, put the expected table that jest shows into the document.
it('docs/security.md shows the development and production table of the code', () => {
  expect(document('security.md')).toContain(hardeningRows());
});

it('docs/deployment-checklist.md lists the checks of the code', () => {
  expect(document('deployment-checklist.md')).toContain(checkRows());
});

it('docs/security.md names every variable, and no other', () => {
  const named = new Set(document('security.md').match(/HOLDFAST_[A-Z_]+/g));
  named.delete('HOLDFAST_SECRET_KEY_FILE');
  expect([...named].toSorted()).toEqual(Object.keys(z.object(hardeningVariables).shape).toSorted());
});
