import { checkDatabase } from './check.ts';

/** `node check-main.ts <file>` prints a CheckResult as JSON: `checkInChild` runs it. */
process.stdout.write(JSON.stringify(checkDatabase(process.argv[2] ?? '')));
