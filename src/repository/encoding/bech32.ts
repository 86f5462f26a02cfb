const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
const checksumLength = 6;

/** Bech32 (BIP 173) without its limit of 90 characters, as age uses it. Lower case. */
export function encodeBech32(prefix: string, bytes: Uint8Array): string {
  const words = toWords(bytes);
  const sum = polymod([...expandPrefix(prefix), ...words, ...Array<number>(checksumLength).fill(0)]) ^ 1;
  const checksum = Array.from({ length: checksumLength }, (_, index) => (sum >>> (5 * (checksumLength - 1 - index))) & 31);
  return `${prefix}1${[...words, ...checksum].map((word) => alphabet[word]).join('')}`;
}

/** The bytes of a Bech32 text, all lower or all upper case; undefined where text, checksum or padding are wrong. */
export function decodeBech32(text: string): { prefix: string; bytes: Buffer } | undefined {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) return undefined;
  const separator = lower.lastIndexOf('1');
  if (separator < 1 || lower.length - separator - 1 < checksumLength) return undefined;
  const prefix = lower.slice(0, separator);
  const words = lower.slice(separator + 1).split('').map((character) => alphabet.indexOf(character));
  if (words.includes(-1) || polymod([...expandPrefix(prefix), ...words]) !== 1) return undefined;
  const bytes = fromWords(words.slice(0, -checksumLength));
  return bytes && { prefix, bytes };
}

function expandPrefix(prefix: string): number[] {
  const codes = Array.from(prefix, (_, index) => prefix.charCodeAt(index));
  return [...codes.map((code) => code >>> 5), 0, ...codes.map((code) => code & 31)];
}

function polymod(words: readonly number[]): number {
  let sum = 1;
  for (const word of words) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ word;
    for (const [bit, generator] of generators.entries()) if ((top >>> bit) & 1) sum ^= generator;
  }
  return sum >>> 0;
}

function toWords(bytes: Uint8Array): number[] {
  const words: number[] = [];
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; ) {
      bits -= 5;
      words.push((held >>> bits) & 31);
    }
  }
  if (bits > 0) words.push((held << (5 - bits)) & 31);
  return words;
}

function fromWords(words: readonly number[]): Buffer | undefined {
  const bytes = Buffer.alloc(Math.floor((words.length * 5) / 8));
  let held = 0;
  let bits = 0;
  let filled = 0;
  for (const word of words) {
    held = ((held << 5) | word) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[filled] = (held >>> bits) & 0xff;
      filled += 1;
    }
  }
  const padding = held & ((1 << bits) - 1);
  return bits >= 5 || padding !== 0 ? undefined : bytes;
}
