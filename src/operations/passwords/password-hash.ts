import * as crypto from 'node:crypto';

/** One way to derive a hash. `parameters` are its costs by the names that the PHC string format gives them. */
export interface PasswordScheme {
  readonly name: 'argon2id' | 'scrypt';
  readonly parameters: Readonly<Record<string, number>>;
}

/** OWASP's minimum (Password Storage Cheat Sheet): 19 MiB, two passes, one lane. */
const argon2id: PasswordScheme = { name: 'argon2id', parameters: { m: 19_456, t: 2, p: 1 } };
/** OWASP's for where there is no Argon2: N = 2^17, 128 MiB. */
const scrypt: PasswordScheme = { name: 'scrypt', parameters: { ln: 17, r: 8, p: 1 } };

/** Argon2id, or scrypt where the OpenSSL that Node was built with has no Argon2. */
export function preferredScheme(): PasswordScheme {
  try {
    crypto.argon2Sync('argon2id', { message: '', nonce: Buffer.alloc(16), parallelism: 1, tagLength: 32, memory: 8, passes: 1 });
    return argon2id;
  } catch {
    return scrypt;
  }
}

const hashBytes = 32;
const saltBytes = 16;
/** Above any that this program writes: a damaged row must not take the machine's memory. */
const mostMemoryBytes = 512 * 1024 * 1024;

/**
 * Hashes a password with a fresh salt, in the PHC string format:
 * `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`, `$scrypt$ln=17,r=8,p=1$<salt>$<hash>`.
 */
export async function hashPassword(password: string, scheme: PasswordScheme): Promise<string> {
  const salt = crypto.randomBytes(saltBytes);
  const hash = await derive(password, salt, scheme, hashBytes);
  return `${prefixOf(scheme)}$${encode(salt)}$${encode(hash)}`;
}

/** Compares in constant time. `outdated` says that the hash was made another way than by `scheme`. Throws on text that is no hash. */
export async function verifyPassword(password: string, encoded: string, scheme: PasswordScheme): Promise<{ valid: boolean; outdated: boolean }> {
  const { scheme: made, salt, hash } = parse(encoded);
  const derived = await derive(password, salt, made, hash.length);
  return { valid: crypto.timingSafeEqual(derived, hash), outdated: prefixOf(made) !== prefixOf(scheme) };
}

async function derive(password: string, salt: Buffer, { name, parameters }: PasswordScheme, bytes: number): Promise<Buffer> {
  // Some keyboards send a character whole, others in pieces: the same password either way (NIST SP 800-63B).
  const message = Buffer.from(password.normalize('NFKC'), 'utf8');
  const { m = 0, t = 0, p = 0, ln = 0, r = 0 } = parameters;
  const memoryBytes = name === 'argon2id' ? m * 1024 : 128 * 2 ** ln * r;
  if (memoryBytes > mostMemoryBytes) throw new Error('the stored password hash asks for too much memory');
  return new Promise((resolve, reject) => {
    const settle = (error: Error | null, derived: Buffer): void => {
      if (error === null) resolve(derived);
      else reject(error);
    };
    if (name === 'argon2id') crypto.argon2('argon2id', { message, nonce: salt, memory: m, passes: t, parallelism: p, tagLength: bytes }, settle);
    else crypto.scrypt(message, salt, bytes, { N: 2 ** ln, r, p, maxmem: memoryBytes * 2 }, settle);
  });
}

function prefixOf({ name, parameters }: PasswordScheme): string {
  const costs = Object.entries(parameters).map(([key, value]) => `${key}=${value}`).join(',');
  return `$${name}${name === 'argon2id' ? '$v=19' : ''}$${costs}`;
}

function parse(encoded: string): { scheme: PasswordScheme; salt: Buffer; hash: Buffer } {
  const match = /^\$(argon2id\$v=19|scrypt)\$([a-z]+=\d+(?:,[a-z]+=\d+)*)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(encoded);
  const [, name = '', costs = '', salt = '', hash = ''] = match ?? [];
  if (match === null) throw new Error('the stored password hash is not of a known form');
  const parameters = Object.fromEntries(costs.split(',').map((pair) => pair.split('=')).map(([key, value]) => [key, Number(value)]));
  return {
    scheme: { name: name === 'scrypt' ? 'scrypt' : 'argon2id', parameters },
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

/** Base64 without padding, as the format wants it. */
function encode(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
