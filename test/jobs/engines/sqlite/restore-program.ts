import { restoreTo, takeBackup } from './fixture.ts';

/** `node restore-program.ts <source> <target>`: backs up the source, says `ready`, restores over the target, says `done`. */
const [source = '', target = ''] = process.argv.slice(2);
const taken = await takeBackup(source);
process.stdout.write('ready\n');
await restoreTo(target, taken, { swap: true });
process.stdout.write('done\n');
