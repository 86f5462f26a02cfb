import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { languages } from '../../src/operations/text.ts';
import { errorCatalogueDocument } from './error-catalogue-document.ts';
import { type DiscoveredFamily, discoverErrorFamilies } from './error-families.ts';

/** Both engines refuse a target and a manifest for reasons of their own, and mean the same by it. */
const sharedByEngines = new Set(['BACKUP_NOT_READABLE', 'RESTORE_TARGET_IN_USE', 'RESTORE_TARGET_UNFINISHED']);

const placeholders = (text: string) => new Set(text.match(/\{\w+\}/g));

function entriesOf(families: readonly DiscoveredFamily[]) {
  return families.flatMap(({ path, definitions }) => Object.entries(definitions).map(([code, definition]) => ({ path, code, ...definition })));
}

describe('the error families', () => {
  it('are all in docs/errors.md: run `npm run docs:errors` when one has changed', async () => {
    const written = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8');
    expect(written).toBe(await errorCatalogueDocument());
  });

  it('share no code', async () => {
    const entries = entriesOf(await discoverErrorFamilies()).filter(({ code, path }) => !(sharedByEngines.has(code) && path.startsWith('jobs/engines/')));
    const byCode = Map.groupBy(entries, ({ code }) => code);
    expect([...byCode].filter(([, owners]) => owners.length > 1).map(([code, owners]) => [code, owners.map(({ path }) => path)])).toEqual([]);
  });

  it('speak every language, with the same placeholders in each', async () => {
    for (const { code, message, hint } of entriesOf(await discoverErrorFamilies())) {
      for (const text of [message, hint]) {
        for (const language of languages) {
          expect([code, language, text[language].trim()]).not.toEqual([code, language, '']);
          expect([code, language, placeholders(text[language])]).toEqual([code, language, placeholders(text.en)]);
        }
      }
    }
  });

  it('name codes in UPPER_SNAKE and statuses of errors', async () => {
    for (const { code, status } of entriesOf(await discoverErrorFamilies())) {
      expect(code).toMatch(/^[A-Z][A-Z\d]*(_[A-Z\d]+)*$/);
      expect([code, status >= 400 && status < 600]).toEqual([code, true]);
    }
  });
});
