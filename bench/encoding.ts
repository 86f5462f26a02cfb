/** How fast parts are named, encoded, decoded and written on this machine: `npx node bench/encoding.ts`. */
import { decryptAge, encryptAge } from '../src/repository/encoding/age.ts';
import { generateIdentity } from '../src/repository/encoding/age-keys.ts';
import { createPartEncoding } from '../src/repository/encoding/part-encoding.ts';
import { createKeyRing, type Encryption, generateKeys, readKeys } from '../src/repository/keys.ts';
import { PartWriter } from '../src/repository/parts/part-writer.ts';

const mebibyte = 1024 * 1024;
const sizes = [64 * 1024, 256 * 1024, mebibyte, 8 * mebibyte];
const { signal } = new AbortController();

/** Bytes like those of COPY: about a third of them is left by zstd. */
function rows(bytes: number, seed: number): Buffer {
  const part = Buffer.allocUnsafeSlow(bytes);
  let state = seed + 1;
  for (let at = 0; at < bytes; ) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    at += part.write(`${at}\t${state}\tcustomer ${state % 1000}\t2026-01-${10 + (state % 20)}\tpaid\t${(state % 9973) / 100}\n`, at, 'latin1') || bytes;
  }
  return part;
}

async function encryptions(): Promise<[string, Encryption][]> {
  const generated = [generateKeys(new Date()), generateKeys(new Date())];
  const keys = readKeys({
    repositoryKey: generated[0]?.repositoryKey ?? '',
    recipients: generated.map(({ recipient }) => recipient).join(''),
    identities: generated.map(({ identity }) => identity).join(''),
  });
  if (keys.repositoryKey === undefined) throw new Error('no repository key was generated');
  return [
    ['not encrypted', { kind: 'none' }],
    ['two recipients', { kind: 'age', keys: createKeyRing({ ...keys, repositoryKey: keys.repositoryKey }) }],
  ];
}

function report(what: string, bytes: number, calls: number, startedAt: number): void {
  const seconds = (performance.now() - startedAt) / 1000;
  const [speed, each] = [(bytes * calls) / mebibyte / seconds, (seconds / calls) * 1e6];
  process.stdout.write(`${what.padEnd(52)} ${speed.toFixed(0).padStart(6)} MiB/s ${each.toFixed(0).padStart(7)} µs each\n`);
}

function benchAge(): void {
  const identities = [generateIdentity(), generateIdentity()];
  for (const recipients of [1, 2]) {
    for (const bytes of sizes) {
      const plain = rows(bytes, 1);
      const calls = Math.ceil((64 * mebibyte) / bytes);
      const to = identities.slice(0, recipients).map(({ recipient }) => recipient);
      let file = encryptAge(plain, to);
      let startedAt = performance.now();
      for (let call = 0; call < calls; call += 1) file = encryptAge(plain, to);
      report(`age, ${recipients} recipients, ${bytes / 1024} KiB: encrypt`, bytes, calls, startedAt);
      startedAt = performance.now();
      for (let call = 0; call < calls; call += 1) decryptAge(file, identities.slice(recipients - 1), 'bench');
      report(`age, ${recipients} recipients, ${bytes / 1024} KiB: decrypt`, bytes, calls, startedAt);
    }
  }
}

async function benchWriter(): Promise<void> {
  for (const [name, encryption] of await encryptions()) {
    for (const bytes of sizes) {
      const calls = Math.ceil((256 * mebibyte) / bytes);
      const encoding = createPartEncoding({ compression: 'zstd-3', encryption });
      const template = rows(bytes, 7);
      const writer = new PartWriter({ store: { put: async () => undefined }, encoding, known: new Map(), signal });
      const startedAt = performance.now();
      for (let call = 0; call < calls; call += 1) {
        const raw = Buffer.from(template);
        raw.writeUInt32LE(call);
        await writer.write(raw);
      }
      const { totals } = await writer.settle();
      report(`writer, zstd-3, ${name}, ${bytes / 1024} KiB, ${((100 * totals.stored) / totals.raw).toFixed(0)} %`, bytes, calls, startedAt);
    }
  }
  process.stdout.write(`Peak memory: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB\n`);
}

benchAge();
await benchWriter();
