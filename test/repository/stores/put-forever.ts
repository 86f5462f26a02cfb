import { createHash, randomBytes } from 'node:crypto';
import { createDirectoryStore } from '../../../src/repository/stores/directory.ts';

/** Run as a process of its own, to be killed: puts objects whose keys are their hashes, some only if absent. */
const options = { signal: new AbortController().signal };
const store = createDirectoryStore({ path: process.argv[2] ?? '' });
await store.prepare(options);
process.stdout.write('ready\n');
const writeForever = async (size: number) => {
  for (let round = 0; ; round += 1) {
    const content = randomBytes(size);
    const name = createHash('sha256').update(content).digest('hex');
    await store.put(`parts/${name.slice(0, 2)}/${name}`, content, options);
    await store.putIfAbsent(`heads/${name}`, content, options);
    if (round % 10 === 9) await store.flush(options);
  }
};
await Promise.all([10, 100_000, 2_000_000, 5_000_000].map(writeForever));
