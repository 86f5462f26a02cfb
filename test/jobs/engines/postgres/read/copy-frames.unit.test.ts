import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { CopyFrames } from '../../../../../jobs/engines/postgres/read/copy-frames.ts';

function message(type: string, content: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.write(type, 0, 'latin1');
  header.writeUInt32BE(content.length + 4, 1);
  return Buffer.concat([header, content]);
}

/** Reads the messages in chunks and gives the rows, and what was passed on. */
function read(bytes: Buffer, chunkSizes: readonly number[]) {
  const rows: string[] = [];
  const forwarded: Buffer[] = [];
  let row = '';
  let ready = 0;
  const frames = new CopyFrames(
    {
      row: (chunk, start, end) => void rows.push(chunk.toString('latin1', start, end)),
      begin: () => {
        row = '';
      },
      append: (chunk, start, end) => {
        row += chunk.toString('latin1', start, end);
      },
      end: () => void rows.push(row),
    },
    (passed) => void forwarded.push(Buffer.from(passed)),
    () => {
      ready += 1;
    },
  );
  let start = 0;
  for (const size of [...chunkSizes, bytes.length]) {
    if (start >= bytes.length) break;
    frames.push(bytes.subarray(start, start + size));
    start += size;
  }
  return { rows, forwarded: Buffer.concat(forwarded), ready, counted: frames.rows, bytes: frames.bytes };
}

describe('CopyFrames', () => {
  it('gives the same rows and passes the same other bytes on, however the bytes are chunked', () => {
    const piece = fc.record({ type: fc.constantFrom('d', 'd', 'd', 'N', 'S'), content: fc.uint8Array({ maxLength: 40 }) });
    fc.assert(
      fc.property(fc.array(piece), fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 200 }), (pieces, chunkSizes) => {
        const others = (kept: (type: string) => boolean) => pieces.filter(({ type }) => kept(type)).map(({ type, content }) => message(type, Buffer.from(content)));
        const start = message('H', Buffer.alloc(7));
        const end = Buffer.concat([message('c', Buffer.alloc(0)), message('C', Buffer.from('COPY 1\0')), message('Z', Buffer.from('T')), message('d', Buffer.from('not ours'))]);
        const result = read(Buffer.concat([start, ...others(() => true), end]), chunkSizes);
        const rows = pieces.filter(({ type }) => type === 'd').map(({ content }) => Buffer.from(content).toString('latin1'));
        expect(result.rows).toEqual(rows);
        expect(result.counted).toBe(rows.length);
        expect(result.bytes).toBe(rows.join('').length);
        expect(result.forwarded.equals(Buffer.concat([start, ...others((type) => type !== 'd'), end]))).toBe(true);
        expect(result.ready).toBe(1);
      }),
    );
  });

  it('passes a row on piece by piece when it is larger than a chunk', () => {
    const wide = Buffer.alloc(1_000_000, 'w');
    const result = read(Buffer.concat([message('d', wide), message('Z', Buffer.from('I'))]), Array.from({ length: 20 }, () => 65_536));
    expect(result.rows.map(({ length }) => length)).toEqual([1_000_000]);
  });
});
