import { describe, expect, it } from '@jest/globals';
import { runCampaign } from './campaign.ts';
import { faults } from './faults.ts';
import { planCases } from './plan.ts';
import { formatTable, isClean } from './table.ts';

/** A sample of what `npm run test:faults` does a thousand times: another each day, so that in some days every kind has had its turn. */
const count = 60;
const seed = Number(process.env['FAULTS_SEED'] ?? Math.floor(Date.now() / 86_400_000));

describe('sixty faults', () => {
  it(`lead to no false success and to no lost backup (FAULTS_SEED=${seed})`, async () => {
    process.stderr.write(`${count} cases, seed ${seed}: FAULTS_SEED=${seed} runs the same again.\n`);
    const results = await runCampaign({ cases: planCases(faults, { count, seed }), lanes: 2 });
    const table = formatTable(results);
    process.stderr.write(`${table}\n`);
    expect(results).toHaveLength(count);
    expect(isClean(results) ? '' : table).toBe('');
  }, 900_000);
});
