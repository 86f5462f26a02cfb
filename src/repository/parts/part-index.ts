import { type PartEncodingName, partEncodings } from '../manifest/manifest.ts';
import type { StoredPart } from './part-writer.ts';

const nameBytes = 32;
const nameWords = nameBytes / 4;
const encodingBits = 0b111;
const firstCapacity = 1024;
const fullAt = 0.6;

/** What a caller may note on a part: bits that it gives meaning to, 5 in all. */
export type PartMark = 1 | 2 | 4 | 8 | 16;
const markShift = 3;

/**
 * Parts by name and encoding in 37 bytes a slot, since a repository may hold millions of them: an open hash table over the
 * names' bytes, which are evenly spread already. Names are 64 hex digits.
 */
export class PartIndex {
  #capacity = firstCapacity;
  #names = new Uint32Array(firstCapacity * nameWords);
  #stored = new Uint32Array(firstCapacity);
  /** 0 is an empty slot; else the encoding's number from 1, and the marks above it. */
  #facts = new Uint8Array(firstCapacity);
  #size = 0;
  readonly #wanted = new Uint32Array(nameWords);
  readonly #wantedBytes = Buffer.from(this.#wanted.buffer);
  readonly #isUsable: (marks: number) => boolean;

  /** `isUsable`: whether `get` gives a part that carries these marks, as a sum. */
  constructor(isUsable: (marks: number) => boolean) {
    this.#isUsable = isUsable;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a part as it lies in the store, or adds the mark to it. An entry keeps the size that it was added with. */
  add(name: string, encoding: PartEncodingName, stored: number, mark?: PartMark): void {
    const slot = this.#find(name, encoding);
    if (this.#facts[slot] === 0) {
      this.#names.set(this.#wanted, slot * nameWords);
      this.#stored[slot] = stored;
      this.#facts[slot] = numberOf(encoding);
      this.#size += 1;
    }
    if (mark !== undefined) this.#facts[slot] = (this.#facts[slot] ?? 0) | (mark << markShift);
    if (this.#size > this.#capacity * fullAt) this.#grow();
  }

  /** Marks a part that is there: one way where it has this size, perhaps another where it has not. */
  mark(name: string, encoding: PartEncodingName, stored: number, { same, other }: { readonly same: PartMark; readonly other?: PartMark }): void {
    const slot = this.#find(name, encoding);
    const mark = this.#stored[slot] === stored ? same : other;
    if (this.#facts[slot] !== 0 && mark !== undefined) this.#facts[slot] = (this.#facts[slot] ?? 0) | (mark << markShift);
  }

  /** Whether there is an entry of this name and encoding with the mark, or with any. */
  has(name: string, encoding: PartEncodingName, mark?: PartMark): boolean {
    const facts = this.#facts[this.#find(name, encoding)] ?? 0;
    return mark === undefined ? facts !== 0 : (facts & (mark << markShift)) !== 0;
  }

  /** A usable part of this name, in whatever encoding. */
  get(name: string): StoredPart | undefined {
    for (const encoding of partEncodings) {
      const slot = this.#find(name, encoding);
      const facts = this.#facts[slot] ?? 0;
      if (facts !== 0 && this.#isUsable(facts >> markShift)) return { stored: this.#stored[slot] ?? 0, encoding };
    }
    return undefined;
  }

  /** The slot of the part, or the empty one where it would go. Leaves the name's bytes in `#wanted`. */
  #find(name: string, encoding: PartEncodingName): number {
    if (name.length !== nameBytes * 2 || this.#wantedBytes.write(name, 'hex') !== nameBytes) throw new TypeError('a part name is 64 hex digits');
    const number = numberOf(encoding);
    for (let slot = (this.#wanted[0] ?? 0) & (this.#capacity - 1); ; slot = (slot + 1) & (this.#capacity - 1)) {
      const facts = this.#facts[slot] ?? 0;
      if (facts === 0 || ((facts & encodingBits) === number && this.#isNamed(slot))) return slot;
    }
  }

  #isNamed(slot: number): boolean {
    for (let word = 0; word < nameWords; word += 1) {
      if (this.#names[slot * nameWords + word] !== this.#wanted[word]) return false;
    }
    return true;
  }

  #grow(): void {
    const [names, stored, facts] = [this.#names, this.#stored, this.#facts];
    this.#capacity *= 2;
    this.#names = new Uint32Array(this.#capacity * nameWords);
    this.#stored = new Uint32Array(this.#capacity);
    this.#facts = new Uint8Array(this.#capacity);
    for (let old = 0; old < facts.length; old += 1) {
      if (facts[old] === 0) continue;
      let slot = (names[old * nameWords] ?? 0) & (this.#capacity - 1);
      while (this.#facts[slot] !== 0) slot = (slot + 1) & (this.#capacity - 1);
      this.#names.set(names.subarray(old * nameWords, (old + 1) * nameWords), slot * nameWords);
      this.#stored[slot] = stored[old] ?? 0;
      this.#facts[slot] = facts[old] ?? 0;
    }
  }
}

function numberOf(encoding: PartEncodingName): number {
  return partEncodings.indexOf(encoding) + 1;
}
