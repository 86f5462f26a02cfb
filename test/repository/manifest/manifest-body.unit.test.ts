import { describe, expect, it } from '@jest/globals';
import { array, assert, constantFrom, type Arbitrary, integer, jsonValue, option, property, record, string, uint8Array } from 'fast-check';
import { type ManifestBody, partEncodings, type PartSlice } from '../../../src/repository/manifest/manifest.ts';
import { parseBody, readManifestBody, serializeBody } from '../../../src/repository/manifest/manifest-body.ts';
import { bodyKey } from '../../../src/repository/manifest/object-keys.ts';
import { backUp, codeFrom, newKeys, newRepository, readBack, signal } from '../repository-fixture.ts';
import { createMemoryStore } from '../memory-store.ts';

const count = integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const hex = uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const slice = record(
  { part: hex, raw: count, stored: count, encoding: constantFrom(...partEncodings), rows: count, offset: count, length: count },
  { requiredKeys: ['part', 'raw', 'stored', 'encoding'] },
) as Arbitrary<PartSlice>;
const anyText = string({ unit: 'binary' });
const details = record({ name: anyText, more: option(jsonValue()) });
const body = record({
  format: constantFrom(1 as const),
  engine: constantFrom('postgres' as const, 'sqlite' as const),
  details,
  streams: array(record({ kind: anyText, details, rows: count, bytes: count, slices: array(slice, { maxLength: 5 }) }), { maxLength: 5 }),
});
/** As JSON has it: -0 is 0. */
const asJson = (value: ManifestBody) => JSON.parse(JSON.stringify(value)) as ManifestBody;

describe('the body of a manifest', () => {
  it('is read as it was written, whatever names and details it holds', () => {
    assert(
      property(body, (written) => {
        expect(parseBody(serializeBody(written), 'body')).toEqual(asJson(written));
      }),
    );
  });

  it('keeps names with line breaks, quotes, NULs, surrogates and braces', () => {
    const names = ['a\nb', '"', `'; DROP TABLE x; --`, '\u0000', '\ud800', '{"stream":1}', '\u2028', '\r\n', 'ü'.repeat(63), '\\n'];
    const written: ManifestBody = { format: 1, engine: 'postgres', details: { names }, streams: names.map((name) => ({ kind: name, details: { name }, rows: 0, bytes: 0, slices: [] })) };
    expect(parseBody(serializeBody(written), 'body')).toEqual(written);
  });

  it('holds a hundred thousand slices', () => {
    const slices = Array.from({ length: 100_000 }, (_, index): PartSlice => ({ part: index.toString(16).padStart(64, '0'), raw: 1, stored: 2, encoding: 'zst.age' }));
    const written: ManifestBody = { format: 1, engine: 'postgres', details: {}, streams: [{ kind: 'table', details: {}, rows: 1, bytes: 1, slices }] };
    expect(parseBody(serializeBody(written), 'body').streams[0]?.slices).toHaveLength(100_000);
  });

  it('is refused when a line is missing, cut, added, or of a newer format', () => {
    const written: ManifestBody = {
      format: 1,
      engine: 'sqlite',
      details: {},
      streams: [{ kind: 'pages', details: {}, rows: 0, bytes: 1, slices: [{ part: '0'.repeat(64), raw: 1, stored: 1, encoding: 'raw' }] }],
    };
    const text = serializeBody(written).toString();
    const lines = text.split('\n');
    for (const changed of ['', text.slice(0, -1), lines.slice(0, 2).join('\n'), `${text}{}\n`, text.replace('"format":1', '"format":2'), text.replace('"raw":1', '"raw":-1')]) {
      expect(() => parseBody(Buffer.from(changed), 'backups/shop/x.parts')).toThrow(/backups\/shop\/x\.parts/);
    }
  });

  it('is refused when its object is not the one that the head states', async () => {
    for (const keys of [undefined, newKeys()]) {
      const store = createMemoryStore();
      const repository = await newRepository(store, keys);
      const head = await backUp(repository, ['rows']);
      const other = await backUp(repository, ['other rows']);
      expect(await readBack(repository, head)).toEqual(['rows']);
      const bytes = store.objects.get(bodyKey(head))?.bytes ?? Buffer.alloc(0);
      const flipped = Buffer.from(bytes);
      flipped[20] = (flipped[20] ?? 0) ^ 1;
      for (const content of [flipped, bytes.subarray(1), store.objects.get(bodyKey(other))?.bytes ?? Buffer.alloc(0)]) {
        await store.put(bodyKey(head), content, { signal });
        expect(await codeFrom(readManifestBody(repository, head, { signal }))).toBe('OBJECT_CORRUPT');
      }
      await store.delete(bodyKey(head), { signal });
      expect(await codeFrom(readManifestBody(repository, head, { signal }))).toBe('STORE_OBJECT_MISSING');
    }
  });
});
