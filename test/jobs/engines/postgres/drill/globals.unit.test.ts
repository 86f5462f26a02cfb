import { describe, expect, it } from '@jest/globals';
import { readGlobalStatements } from '../../../../../jobs/engines/postgres/drill/globals.ts';

const dumped = `--
-- PostgreSQL database cluster dump
--

\\restrict abc123

SET default_transaction_read_only = off;

CREATE ROLE "semi;colon ""x"" IN DATABASE y SET";
ALTER ROLE "semi;colon ""x"" IN DATABASE y SET" WITH NOSUPERUSER LOGIN PASSWORD 'SCRAM-SHA-256$4096:it''s;secret';
ALTER ROLE app SET search_path TO 'a', 'b';
GRANT readers TO app WITH INHERIT TRUE GRANTED BY postgres;
GRANT readers TO app GRANTED BY "odd ""one""";
CREATE TABLESPACE "fast ""disk""" OWNER app LOCATION E'/mnt/it\\'s''fast';
ALTER ROLE app IN DATABASE shop SET work_mem TO '5MB';

\\unrestrict abc123
`;

describe('globals', () => {
  it('are read without what belongs to one machine or database', () => {
    const statements = readGlobalStatements(dumped);
    expect(statements.map(({ text }) => text)).toEqual([
      'CREATE ROLE "semi;colon ""x"" IN DATABASE y SET"',
      `ALTER ROLE "semi;colon ""x"" IN DATABASE y SET" WITH NOSUPERUSER LOGIN PASSWORD 'SCRAM-SHA-256$4096:it''s;secret'`,
      "ALTER ROLE app SET search_path TO 'a', 'b'",
      'GRANT readers TO app WITH INHERIT TRUE',
      'GRANT readers TO app',
      'CREATE TABLESPACE "fast ""disk""" OWNER app LOCATION ',
    ]);
    expect(statements.filter(({ isSetting }) => isSetting).map(({ text }) => text)).toEqual(["ALTER ROLE app SET search_path TO 'a', 'b'"]);
    expect(statements.at(-1)?.tablespace).toBe('"fast ""disk"""');
  });

  it('are shown without passwords', () => {
    const subjects = readGlobalStatements(dumped).map(({ subject }) => subject);
    expect(subjects[1]).toBe(`ALTER ROLE "semi;colon ""x"" IN DATABASE y SET" WITH NOSUPERUSER LOGIN PASSWORD '…'`);
    expect(subjects.join()).not.toContain('secret');
  });
});
