import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { fingerprintDefinitions } from '../../../../../jobs/engines/postgres/read/schema-fingerprint.ts';

const entry = (name: string, sql: string) => `--\n-- Name: ${name}; Type: TABLE; Schema: public; Owner: me\n--\n\n${sql}\n\n\n`;
const fingerprint = (sql: string) => fingerprintDefinitions(Readable.from([sql]));
const one = entry('one', 'CREATE TABLE public.one (\n    a integer,\n    b text\n);');
const two = entry('two', 'CREATE TABLE public.two ();');

describe('fingerprintDefinitions', () => {
  it('is the same whoever dumped, under which key, and in whatever order objects come', async () => {
    const first = `--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\n-- Dumped from database version 15.1\n-- Dumped by pg_dump version 15.1\n\nSET lock_timeout = 0;\n${one}${two}\\unrestrict abc\n`;
    const second = `--\n-- PostgreSQL database dump\n--\n\n\\restrict xyz\n\n-- Dumped from database version 18.2\n-- Dumped by pg_dump version 18.2\n\nSET transaction_timeout = 0;\n${two}${one}\\unrestrict xyz\n`;
    expect(await fingerprint(first)).toBe(await fingerprint(second));
  });

  it('differs where a definition, its column order or its tablespace differs', async () => {
    const changes = [
      one + two,
      one,
      one.replace('integer', 'bigint') + two,
      one.replace('    a integer,\n    b text\n', '    b text,\n    a integer\n') + two,
      `SET default_tablespace = fast;\n${one}SET default_tablespace = '';\n${two}`,
      `${one}SET default_tablespace = fast;\n${two}`,
    ];
    const fingerprints = await Promise.all(changes.map(fingerprint));
    expect(new Set(fingerprints).size).toBe(changes.length);
  });
});
