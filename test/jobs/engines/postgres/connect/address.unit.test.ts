import { describe, expect, it } from '@jest/globals';
import { describePostgresAddress, parsePostgresAddress, toConnectionString, toLibpqEnvironment, withDatabase } from '../../../../../jobs/engines/postgres/connect/address.ts';

describe('parsePostgresAddress', () => {
  it('reads user, password, host, port, database and parameters, percent-decoded', () => {
    const address = parsePostgresAddress('postgres://me%40home:p%3Aw%2F%40d@db.example:5433/my%20db%2Fx?sslmode=verify-full&sslrootcert=%2Fca.pem&connect_timeout=3');
    expect(address).toMatchObject({
      hosts: [{ host: 'db.example', port: 5433 }],
      user: 'me@home',
      password: 'p:w/@d',
      database: 'my db/x',
      sslMode: 'verify-full',
      sslRootCert: '/ca.pem',
      connectTimeout: 3,
    });
  });

  it.each([
    ['postgres:///db?host=/run/postgresql', [{ host: '/run/postgresql', port: 5432 }]],
    ['postgres://%2Frun%2Fpostgresql/db', [{ host: '/run/postgresql', port: 5432 }]],
    ['postgres://[::1]:6000/db', [{ host: '::1', port: 6000 }]],
    ['postgres://a,b:6000/db', [{ host: 'a', port: 5432 }, { host: 'b', port: 6000 }]],
    ['postgresql:///db', [{ host: 'localhost', port: 5432 }]],
  ])('finds the hosts of %s', (text, hosts) => {
    expect(parsePostgresAddress(text).hosts).toEqual(hosts);
  });

  it('takes what the address leaves out from libpq’s variables', () => {
    const environment = { PGHOST: 'db', PGPORT: '7000', PGUSER: 'me', PGPASSWORD: 'secret', PGDATABASE: 'mine', PGSSLMODE: 'require' };
    expect(parsePostgresAddress('postgres://', environment)).toMatchObject({ hosts: [{ host: 'db', port: 7000 }], user: 'me', password: 'secret', database: 'mine', sslMode: 'require' });
    expect(parsePostgresAddress('postgres://you@other:1/yours?sslmode=disable', environment)).toMatchObject({ hosts: [{ host: 'other', port: 1 }], user: 'you', database: 'yours', sslMode: 'disable' });
  });

  it('prefers TLS to other machines and not to this one', () => {
    expect(parsePostgresAddress('postgres://db/x').sslMode).toBe('prefer');
    expect(parsePostgresAddress('postgres://127.0.0.1/x').sslMode).toBe('allow');
  });

  it.each([
    'mysql://db/x', 'postgres://me:s%ZZcret@db/x', 'postgres://db:0/x', 'postgres://db:99999/x', 'postgres://db/x?sslmode=maybe',
    'postgres://db/x?sevice=secret', 'postgres://db/x?connect_timeout=soon', 'postgres://db/x%00', 'postgres://db/x?target_session_attrs=primary',
    'postgres://me:s@cret@db/x', 'postgres://me:12/cret@db/x',
  ])('refuses %s without showing a password', (text) => {
    expect(() => parsePostgresAddress(text)).toThrow(expect.objectContaining({ code: 'SOURCE_ADDRESS_INVALID' }));
    expect(() => parsePostgresAddress(text)).not.toThrow(/cret/);
  });
});

describe('what an address becomes', () => {
  const address = parsePostgresAddress('postgres://me:secret@db:5433/x?sslmode=require&options=-c%20geqo%3Doff');

  it('shows no password and no parameter to people', () => {
    expect(describePostgresAddress(withDatabase(address, 'we ird/"db'))).toBe('postgres://me@db:5433/we%20ird%2F%22db');
  });

  it('names everything to client programs by variables and lets no other PG variable through', () => {
    const env = toLibpqEnvironment(withDatabase(address, 'a=b\nc'), { PATH: '/bin', PGSERVICE: 'other', PGHOSTADDR: '1.2.3.4', PGPASSFILE: '/pass', PGPASSWORD: 'old' });
    expect(env).toEqual({
      PATH: '/bin', PGPASSFILE: '/pass', PGHOST: 'db', PGPORT: '5433', PGUSER: 'me', PGPASSWORD: 'secret', PGDATABASE: 'a=b\nc', PGSSLMODE: 'require',
      PGOPTIONS: '-c geqo=off', PGCONNECT_TIMEOUT: '15', PGCLIENTENCODING: 'UTF8', PGAPPNAME: 'holdfast', PGTZ: 'UTC',
    });
  });

  it('quotes a database’s name so that libpq takes it for nothing else', () => {
    expect(toConnectionString("it's \\ host=evil")).toBe("dbname='it\\'s \\\\ host=evil'");
  });
});
