import { describe, expect, it } from '@jest/globals';
import { explainTrouble } from '../../src/catalog/catalog-trouble.ts';

const failure = (code: string | undefined) => Object.assign(new Error('as the database says it'), { code });

describe('explainTrouble', () => {
  it.each(['08006', '28P01', '3D000', '53300', '57P01', '57P03', 'ECONNREFUSED', 'EPIPE', 'ENOSPC', 'ERR_TLS_CERT_ALTNAME_INVALID', 'CERT_HAS_EXPIRED', 'SQLITE_FULL', 'SQLITE_IOERR_WRITE', undefined])(
    'takes %s for a catalogue that cannot be reached',
    (code) => { expect(explainTrouble(failure(code))).toMatchObject({ code: 'CATALOG_UNREACHABLE', status: 503, cause: { code } }); },
  );

  it.each(['40001', '40P01', '55P03', '57014', 'SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT'])('takes %s for a busy one', (code) => {
    expect(explainTrouble(failure(code))).toMatchObject({ code: 'CATALOG_BUSY', status: 503, retryable: true });
  });

  it('leaves all else as it came: a mistake of ours is not the database’s', () => {
    for (const error of [failure('42601'), failure('23505'), failure('SQLITE_CONSTRAINT_UNIQUE'), failure('XX000'), new TypeError('x is not a function'), undefined, 'text']) {
      expect(explainTrouble(error)).toBe(error);
    }
  });
});
