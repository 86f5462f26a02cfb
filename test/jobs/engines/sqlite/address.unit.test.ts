import { describe, expect, it } from '@jest/globals';
import { assert, property, string } from 'fast-check';
import { besideSource, defaultName, formatAddress, parseAddress } from '../../../../jobs/engines/sqlite/address.ts';
import { SourceName } from '../../../../src/repository/manifest/manifest.ts';

describe('the address of an SQLite file', () => {
  it('is an absolute path, with escapes where a character has a meaning', () => {
    expect(parseAddress('sqlite:///var/data/app.db')).toBe('/var/data/app.db');
    expect(parseAddress('sqlite:///var/my%20data/50%25%3F.db')).toBe('/var/my data/50%?.db');
    expect(parseAddress('sqlite:///数据/应用.db')).toBe('/数据/应用.db');
  });

  it('is refused with the reason where it is anything else', () => {
    for (const address of ['sqlite://app.db', 'sqlite:app.db', '/var/app.db', 'sqlite:///a.db?mode=ro', 'sqlite:///a#b', 'sqlite:///100%.db', 'sqlite:///var/', 'sqlite:///a%00b']) {
      expect(() => parseAddress(address)).toThrow(expect.objectContaining({ code: 'SOURCE_ADDRESS_INVALID', category: 'usage' }));
    }
  });

  it('shows no password that was meant for another kind of address', () => {
    expect(() => parseAddress('sqlite://user:hunter2@host/db')).toThrow('sqlite://…@host/db is not valid');
    expect(() => parseAddress('sqlite:user:hunter2@host/db')).toThrow(/^(?!.*hunter2)/s);
  });

  it('leads back to the path it was made of, on one line', () => {
    assert(
      property(string({ unit: 'binary', minLength: 1 }), (name) => {
        const path = `/data/${name.replaceAll(/[/\0]/g, '_')}`;
        expect(parseAddress(formatAddress(path))).toBe(path);
        expect(formatAddress(path)).not.toMatch(/[\n\r ]/);
      }),
    );
  });

  it('gives a name for the repository', () => {
    expect(defaultName('sqlite:///var/data/app.db')).toBe('app');
    expect(defaultName('sqlite:///var/data/My Shop.SQLITE3')).toBe('my-shop');
    expect(defaultName('sqlite:///var/data/app-v1.2')).toBe('app-v1.2');
    expect(defaultName('sqlite:///data/应用.db')).toBe('data');
    expect(defaultName('sqlite:///应用.db')).toBe('database');
    assert(
      property(string({ minLength: 1 }), (name) => {
        expect(SourceName.safeParse(defaultName(formatAddress(`/${name.replaceAll(/[/\0]/g, '_')}`))).success).toBe(true);
      }),
    );
  });

  it('gives one beside it for a restore', () => {
    expect(besideSource('sqlite:///var/data/app.db', '20260116T180445Z-a1b2c3')).toBe('sqlite:///var/data/app.20260116T180445Z-a1b2c3.db');
    expect(besideSource('sqlite:///var/data/app', '20260116T180445Z-a1b2c3')).toBe('sqlite:///var/data/app.20260116T180445Z-a1b2c3');
  });
});
