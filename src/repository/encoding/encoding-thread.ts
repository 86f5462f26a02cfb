import { parentPort, workerData } from 'node:worker_threads';
import { freeMemory } from '../free-memory.ts';
import { encryptAge } from './age.ts';
import { parseRecipients } from './age-keys.ts';
import type { EncodedPart, EncodingTask, EncodingThreadOptions } from './encoding-threads.ts';
import { compressSync } from './zstd.ts';

/** What one of encoding-threads.ts's threads runs: encodes what it is sent, one part after the other. */
const { level, recipients } = workerData as EncodingThreadOptions;
const parsed = recipients === undefined ? undefined : parseRecipients(recipients);

parentPort?.on('message', ({ raw }: EncodingTask) => {
  const plain = level === undefined ? Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength) : compressSync(raw, level);
  const object = parsed === undefined ? plain : encryptAge(plain, parsed);
  if (object.buffer === raw.buffer) {
    parentPort?.postMessage({ object: raw } satisfies EncodedPart, [raw.buffer]);
    return;
  }
  if (plain.buffer !== object.buffer && plain.buffer !== raw.buffer) freeMemory(plain);
  const encoded = new Uint8Array(object.buffer as ArrayBuffer, object.byteOffset, object.byteLength);
  parentPort?.postMessage({ object: encoded, memory: raw } satisfies EncodedPart, [encoded.buffer, raw.buffer]);
});
