import { describe, expect, it } from '@jest/globals';
import { checkModel } from './model/property.ts';

/** `npm run test:faults` tries as many sequences as cases; fast-check's report names seed and path of one that fails. */
const numRuns = 250;

describe('a repository', () => {
  it('keeps every backup that it lists, and what can be recalled, whatever happens to it', async () => {
    await expect(checkModel({ numRuns })).resolves.toBeUndefined();
  }, 600_000);
});
