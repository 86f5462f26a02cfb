import { formatIdentity } from '../../../src/repository/encoding/age-keys.ts';
import { createPartEncoding, type PartEncoding } from '../../../src/repository/encoding/part-encoding.ts';
import { createKeyRing, type Encryption, generateKeys, type KeyRing, readKeys } from '../../../src/repository/keys.ts';

/** New keys with this many recipients, their identities with them, and every secret as text. */
export function keyRing(recipients: number): { keys: KeyRing; secrets: string[] } {
  const generated = Array.from({ length: recipients }, () => generateKeys(new Date(0)));
  const texts = {
    repositoryKey: generated[0]?.repositoryKey ?? '',
    recipients: generated.map(({ recipient }) => recipient).join(''),
    identities: generated.map(({ identity }) => identity).join(''),
  };
  const { repositoryKey, ...keys } = readKeys(texts);
  if (repositoryKey === undefined) throw new Error('no repository key was read');
  return {
    keys: createKeyRing({ ...keys, repositoryKey }),
    secrets: [texts.repositoryKey.trim(), ...keys.identities.map(formatIdentity)],
  };
}

/** One encoding of each kind, by how it stores parts; the encrypted ones for two recipients of the same keys. */
export function everyEncoding(): PartEncoding[] {
  const encryptions: Encryption[] = [{ kind: 'none' }, { kind: 'age', keys: keyRing(2).keys }];
  return encryptions.flatMap((encryption) =>
    (['none', 'zstd-3'] as const).map((compression) => createPartEncoding({ compression, encryption })),
  );
}
