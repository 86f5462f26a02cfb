import type { CaseResult, FaultCase } from './case.ts';
import { openLab } from './lab.ts';
import { runCase } from './run-case.ts';
import { readTemplates } from './templates.ts';

/** One lane of a campaign, a process of its own: gets cases from its parent and sends their results. `node lane.ts <folder> <templates>`. */
const [folder = '', templates = ''] = process.argv.slice(2);
const lab = await openLab(folder, readTemplates(templates));
process.on('message', (faultCase: FaultCase) => {
  void runCase(lab, faultCase).then((result: CaseResult) => process.send?.(result));
});
process.on('disconnect', () => {
  void lab.close().finally(() => process.exit(0));
});
process.send?.('ready');
