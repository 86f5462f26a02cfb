import type { CaseResult, FaultCase, Outcome } from './case.ts';
import { createDice } from './dice.ts';
import { faults } from './faults.ts';
import type { Lab } from './lab.ts';

/** A command that takes so long hangs: most cases take some seconds, those in which a backup waits for prunes over two minutes. */
const longestCaseMs = 300_000;

/** Runs one case. What a case itself cannot do is an unclear end, with the reason. */
export async function runCase(lab: Lab, faultCase: FaultCase): Promise<CaseResult> {
  const fault = faults.find(({ kind }) => kind === faultCase.kind);
  if (!fault?.operations.includes(faultCase.operation)) throw new Error(`there is no case ${faultCase.kind}/${faultCase.operation}`);
  const begin = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => resolve(unclear(`it has not ended after ${longestCaseMs / 1000} s`)), longestCaseMs);
  });
  try {
    const outcome = await Promise.race([fault.run(lab, faultCase.operation, createDice(faultCase.seed)), late]);
    return { ...faultCase, outcome, ms: performance.now() - begin };
  } catch (error) {
    return { ...faultCase, outcome: unclear(error instanceof Error ? (error.stack ?? error.message) : String(error)), ms: performance.now() - begin };
  } finally {
    clearTimeout(timer);
  }
}

function unclear(code: string): Outcome {
  return { ended: 'unclear', code, falseSuccesses: [], lost: [], leftovers: [] };
}
