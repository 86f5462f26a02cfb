import { quickCheck } from './quick-check.ts';

/** `node quick-check-main.ts <file>` prints a QuickCheck as JSON: the preflight runs it. */
process.stdout.write(JSON.stringify(quickCheck(process.argv[2] ?? '')));
