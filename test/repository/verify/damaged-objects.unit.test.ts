import { beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { readKeys } from '../../../src/repository/keys.ts';
import { nameOf, parseBackupKey, parseDrillKey } from '../../../src/repository/manifest/object-keys.ts';
import { writeSealed } from '../../../src/repository/manifest/sealed-document.ts';
import { openRepository } from '../../../src/repository/repository.ts';
import type { Finding, ObjectKind } from '../../../src/repository/verify/finding.ts';
import { codeFrom, newKeys, signal } from '../repository-fixture.ts';
import { backupsByPart, createSample, type Sample, verify } from './verify-fixture.ts';

const keys = newKeys();
const samples = { encrypted: keys, 'not encrypted': undefined } as const;

const kindOf = (key: string): ObjectKind | 'repository' => {
  if (key.startsWith('parts/')) return 'part';
  if (parseDrillKey(key)) return 'drill';
  const file = parseBackupKey(key)?.file;
  if (key.startsWith('holds/')) return 'hold';
  return file === 'json' ? 'head' : file === 'parts' ? 'body' : file === 'references' ? 'references' : 'repository';
};

/** The backups that an object belongs to. */
function touchedBy(key: string, byPart: ReadonlyMap<string, string[]>): string[] {
  const name = parseBackupKey(key) ?? parseDrillKey(key);
  return name ? [nameOf(name)] : (byPart.get(key) ?? []);
}

/** Verifies with one object changed (undefined: deleted), and puts it back. */
async function findingsWith({ store, repository }: Sample, key: string, changed: Buffer | undefined): Promise<readonly Finding[]> {
  const whole = store.objects.get(key);
  if (!whole) throw new Error(`there is no ${key}`);
  if (changed) store.objects.set(key, { ...whole, bytes: changed });
  else store.objects.delete(key);
  try {
    // Of what is no part it takes no reading.
    return (await verify(repository, kindOf(key) === 'part' ? {} : { share: undefined })).findings;
  } finally {
    store.objects.set(key, whole);
  }
}

const flipped = (bytes: Buffer, bit: number): Buffer => {
  const changed = Buffer.from(bytes);
  changed[bit >>> 3] = (changed[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
};

describe.each(Object.entries(samples))('in a repository that is %s', (_name, sampleKeys) => {
  let sample: Sample;
  let byPart: ReadonlyMap<string, string[]>;
  let objects: string[];
  const bytesOf = (key: string) => sample.store.objects.get(key)?.bytes ?? Buffer.alloc(0);

  /** Each change of each object is found under its name, with the backups that it touches, and nothing else is. */
  async function expectFound(key: string, changed: Buffer | undefined): Promise<Finding> {
    const findings = await findingsWith(sample, key, changed);
    expect(findings).toEqual([expect.objectContaining({ object: key, kind: kindOf(key), backups: touchedBy(key, byPart) })]);
    return findings[0] as Finding;
  }

  beforeAll(async () => {
    sample = await createSample(sampleKeys);
    byPart = await backupsByPart(sample);
    objects = [...sample.store.objects.keys()].filter((key) => kindOf(key) !== 'repository');
  });

  it('nothing is found while all is as it was stored, and every kind of object is there', async () => {
    expect(await verify(sample.repository)).toMatchObject({ backups: 4, found: 0, findings: [], headless: [], bodiesRead: true, parts: byPart.size, partsRead: byPart.size });
    expect([...new Set(objects.map(kindOf))].toSorted()).toEqual(['body', 'drill', 'head', 'hold', 'part', 'references']);
    expect(objects.filter((key) => key.startsWith('trash/'))).toHaveLength(1);
  });

  it('any flipped bit of any object is found', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...objects), fc.nat(), async (key, place) => {
        const bytes = bytesOf(key);
        // A zstd header has one bit without a meaning: what is decoded, and so the part, is right all the same.
        if (sampleKeys === undefined && kindOf(key) === 'part' && place % (bytes.length * 8) < 6 * 8) return;
        const { problem } = await expectFound(key, flipped(bytes, place % (bytes.length * 8)));
        expect(['damaged', 'unauthentic']).toContain(problem);
      }),
      { numRuns: 80 },
    );
  });

  it('every object that was cut off anywhere, or emptied, is found', async () => {
    for (const key of objects) {
      const { length } = bytesOf(key);
      // Without its last line feed a document is still the same document.
      for (const size of new Set([0, 1, length >>> 1, length - 2])) await expectFound(key, bytesOf(key).subarray(0, size));
    }
  });

  it('every deleted object is found; of a deleted head what is left tells', async () => {
    // Holds and reports nobody promised.
    for (const key of objects.filter((object) => ['part', 'body', 'references'].includes(kindOf(object)))) {
      expect(await expectFound(key, undefined)).toMatchObject({ problem: 'missing' });
    }
    for (const key of objects.filter((object) => kindOf(object) === 'head' && object.startsWith('backups/'))) {
      const head = sample.store.objects.get(key);
      sample.store.objects.delete(key);
      expect(await verify(sample.repository)).toMatchObject({ found: 0, headless: touchedBy(key, byPart) });
      if (head) sample.store.objects.set(key, head);
    }
  });

  it('an object in the place of its sibling is found', async () => {
    for (const key of objects) {
      const sibling = objects.find((other) => other !== key && kindOf(other) === kindOf(key) && other.split('.')[1] === key.split('.')[1]);
      if (sibling === undefined) continue;
      const { problem } = await expectFound(key, bytesOf(sibling));
      expect(problem).toBe(key.endsWith('.json') ? 'misplaced' : 'damaged');
    }
  });

  it('an object of another repository is found, under the same keys too', async () => {
    for (const [foreignKeys, expected] of [[sampleKeys, 'foreign'], [sampleKeys && newKeys(), sampleKeys ? 'unauthentic' : 'foreign']] as const) {
      const foreign = await createSample(foreignKeys, 'foreign');
      for (const kind of ['head', 'hold', 'body', 'references', 'drill'] as const) {
        const [mine, theirs] = [objects, [...foreign.store.objects.keys()]].map((all) => all.find((key) => kindOf(key) === kind && !key.includes('.html')) ?? '') as [string, string];
        const { problem } = await expectFound(mine, foreign.store.objects.get(theirs)?.bytes);
        expect(problem).toBe(mine.endsWith('.json') ? expected : 'damaged');
      }
    }
  });

  it('a document that was changed and sealed without the key is found where there is a key', async () => {
    for (const key of objects.filter((object) => ['head', 'hold'].includes(kindOf(object)))) {
      const { seal: _, ...document } = JSON.parse(bytesOf(key).toString()) as Record<string, unknown>;
      const forgery = { ...document, ...(kindOf(key) === 'head' ? { origin: 'elsewhere' } : { reason: 'none' }) };
      const keyless = writeSealed(forgery, { kind: 'none' });
      const problems = (await findingsWith(sample, key, keyless)).filter(({ object }) => object === key).map(({ problem }) => problem);
      // Without a key a seal finds damage only: this is why repositories are encrypted unless somebody says otherwise.
      expect(problems).toEqual(sampleKeys ? ['unauthentic'] : []);
    }
  });

  it('a repository.json that was changed, replaced or deleted keeps the repository from being opened', async () => {
    const whole = bytesOf('repository.json');
    const foreign = (await createSample(sampleKeys && newKeys())).store.objects.get('repository.json')?.bytes;
    const given = sampleKeys ?? readKeys({});
    const changes = [flipped(whole, 100), whole.subarray(0, 50), Buffer.alloc(0), ...(sampleKeys && foreign ? [foreign] : [])];
    for (const changed of changes) {
      await sample.store.put('repository.json', changed, { signal });
      expect(await codeFrom(openRepository(sample.store, { keys: given, signal }))).toMatch(/^REPOSITORY_(DAMAGED|KEY_MISMATCH|FORMAT_NEWER)$/);
    }
    await sample.store.delete('repository.json', { signal });
    expect(await codeFrom(openRepository(sample.store, { keys: given, signal }))).toBe('REPOSITORY_NOT_FOUND');
    await sample.store.put('repository.json', whole, { signal });
  });
});
