import { describe, expect, it } from '@jest/globals';

import { createDatabase, query, service } from './database.ts';

describe('test services', () => {
  it('give a PostgreSQL that asks for the password', async () => {
    const url = new URL(service('TEST_DATABASE_URL'));
    expect(await query(url.href, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    url.password = 'wrong';
    await expect(query(url.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('give databases of any encoding, and remove them while someone is connected', async () => {
    const database = await createDatabase(service('TEST_DATABASE_URL'), { encoding: 'LATIN1' });
    expect(await query(database.url, 'SHOW server_encoding')).toEqual([{ server_encoding: 'LATIN1' }]);
    await database.drop();
    await expect(query(database.url, 'SELECT 1')).rejects.toMatchObject({ code: '3D000' });
  });
});
