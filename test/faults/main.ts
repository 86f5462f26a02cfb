import { checkModel } from '../repository/model/property.ts';
import start from '../services/start.ts';
import stop from '../services/stop.ts';
import { type CampaignRequest, parseArguments, usage } from './arguments.ts';
import { runCampaign } from './campaign.ts';
import { formatCase } from './case.ts';
import { formatTable, isClean } from './table.ts';

/** `npm run test:faults`: README.md says how it is used. */
const request = readRequest();
if (request) await run(request);
else process.exitCode = 2;

function readRequest(): CampaignRequest | undefined {
  try {
    return parseArguments(process.argv.slice(2), Date.now);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
    return undefined;
  }
}

async function run({ cases, seed, lanes, modelRuns }: CampaignRequest): Promise<void> {
  process.stdout.write(`${cases.length} cases, seed ${seed}.\n`);
  const begin = performance.now();
  await start();
  try {
    if (cases.length > 0) {
      const results = await runCampaign({
        cases,
        lanes,
        onResult: (result, done) => {
          const { ended, falseSuccesses, lost, leftovers } = result.outcome;
          const trouble = [ended, ...falseSuccesses, ...lost, ...leftovers].join('; ');
          process.stdout.write(`${done}/${cases.length} ${formatCase(result)} ${Math.round(result.ms)} ms: ${trouble}\n`);
        },
      });
      const minutes = ((performance.now() - begin) / 60_000).toFixed(1);
      process.stdout.write(`\n${formatTable(results)}\n\n${results.length} cases in ${minutes} minutes, seed ${seed}.\n`);
      process.exitCode = isClean(results) ? 0 : 1;
    }
    if (modelRuns > 0) {
      await checkModel({ numRuns: modelRuns, seed });
      process.stdout.write(`The repository's model held in ${modelRuns} sequences.\n`);
    }
  } finally {
    await stop();
  }
}
