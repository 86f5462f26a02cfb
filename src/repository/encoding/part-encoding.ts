import { createHash, createHmac } from 'node:crypto';
import { HoldfastError } from '../../operations/errors.ts';
import type { Encryption } from '../keys.ts';
import type { Compression, PartEncodingName } from '../manifest/manifest.ts';
import { decryptAge, encryptAge } from './age.ts';
import { encodingErrors } from './encoding-errors.ts';
import { compress, decompress } from './zstd.ts';

const documentLevel = 3;
/** Far above any manifest's body; a bound for the decoder only. */
const largestDocument = 1024 ** 3;

/** How one repository turns raw bytes into objects and back. */
export interface PartEncoding {
  /** What `encode` makes of a part. Other runs may have stored theirs otherwise; each object's key says how. */
  readonly encoding: PartEncodingName;
  /** The part's name, 64 hex digits: the keyed hash of its raw content. */
  name(raw: Uint8Array): string;
  /** The part as it is stored. May be `raw` itself where nothing is to do. */
  encode(raw: Buffer): Promise<Buffer>;
  /** The raw bytes of a stored part. Throws OBJECT_CORRUPT and DECRYPTION_REFUSED, which name `object`. Does not check the name. */
  decode(stored: Buffer, how: { readonly object: string; readonly encoding: PartEncodingName; readonly raw: number }): Promise<Buffer>;
  /** Encodes what is not a part, such as a manifest's body: always compressed, encrypted like parts. */
  encodeDocument(raw: Buffer): Promise<Buffer>;
  /** Undoes `encodeDocument`, with the errors of `decode`. */
  decodeDocument(stored: Buffer, object: string): Promise<Buffer>;
}

/** The key of a part's object; its ending says by which programs a person reads it: `age -d`, then `zstd -d`. */
export function partKey(name: string, encoding: PartEncodingName): string {
  return `parts/${name.slice(0, 2)}/${name}.${encoding}`;
}

/** The level of `zstd-<level>`, undefined for `none`. */
export function zstdLevel(compression: Compression): number | undefined {
  return compression === 'none' ? undefined : Number(compression.slice('zstd-'.length));
}

/** The encoding of a run with this compression in a repository with this encryption. Reading needs identities, writing recipients. */
export function createPartEncoding({ compression, encryption }: { readonly compression: Compression; readonly encryption: Encryption }): PartEncoding {
  const level = zstdLevel(compression);
  const encrypt = (plain: Buffer) => (encryption.kind === 'none' ? plain : encryptAge(plain, encryption.keys.recipients));
  const decrypt = createDecrypt(encryption);
  return {
    encoding: `${level === undefined ? 'raw' : 'zst'}${encryption.kind === 'none' ? '' : '.age'}`,
    name(raw) {
      const hash = encryption.kind === 'none' ? createHash('sha256') : createHmac('sha256', encryption.keys.partNameKey);
      return hash.update(raw).digest('hex');
    },
    async encode(raw) {
      return encrypt(level === undefined ? raw : await compress(raw, level));
    },
    async decode(stored, { object, encoding, raw }) {
      const plain = encoding.endsWith('.age') ? decrypt(stored, object) : stored;
      if (encoding.startsWith('zst')) return decompress(plain, { object, raw });
      if (plain.length !== raw) throw encodingErrors.OBJECT_CORRUPT({ object, reason: `it holds ${plain.length} bytes instead of ${raw}` });
      return plain;
    },
    async encodeDocument(raw) {
      return encrypt(await compress(raw, documentLevel));
    },
    async decodeDocument(stored, object) {
      return decompress(encryption.kind === 'none' ? stored : decrypt(stored, object), { object, maxRaw: largestDocument });
    },
  };
}

/**
 * Decrypts with the repository's identities. A changed recipient stanza looks like another recipient's; once these identities
 * have opened one object of the repository, an object that they do not open is therefore taken for damaged.
 */
function createDecrypt(encryption: Encryption): (stored: Buffer, object: string) => Buffer {
  const identities = encryption.kind === 'none' ? [] : encryption.keys.identities;
  let hasOpened = false;
  return (stored, object) => {
    try {
      const plain = decryptAge(stored, identities, object);
      hasOpened = true;
      return plain;
    } catch (error) {
      if (!hasOpened || !(error instanceof HoldfastError) || error.code !== 'DECRYPTION_REFUSED') throw error;
      const reason = 'its header names none of the recipients whose identities opened other objects';
      throw encodingErrors.OBJECT_CORRUPT({ object, reason }, { cause: error });
    }
  };
}
