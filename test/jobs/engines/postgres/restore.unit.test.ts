import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { createDatabaseStatement } from '../../../../jobs/engines/postgres/write/create-database.ts';
import { previousName, restoringName, withSuffix } from '../../../../jobs/engines/postgres/write/database-names.ts';
import { settingClause } from '../../../../jobs/engines/postgres/write/database-properties.ts';
import { forOlderServer } from '../../../../jobs/engines/postgres/write/definitions-script.ts';
import { type LoadItem, LoadQueue, planLoad } from '../../../../jobs/engines/postgres/write/load-plan.ts';
import { besideSource, defaultName } from '../../../../jobs/engines/postgres/read/source-names.ts';
import type { PartSlice, Stream } from '../../../../src/repository/manifest/manifest.ts';
import type { TableDetails } from '../../../../jobs/engines/postgres/content.ts';

const MiB = 1024 * 1024;

function slice(raw: number, rows: number): PartSlice {
  return { part: '0'.repeat(64), raw, stored: raw, encoding: 'zst', rows };
}

function table(name: string, slices: readonly PartSlice[]): Stream<TableDetails> {
  const sum = (value: (one: PartSlice) => number) => slices.reduce((total, one) => total + value(one), 0);
  const details = { schema: 's', name, columns: [], keyColumns: 0, copyFrom: `COPY ${name} FROM STDIN` };
  return { kind: 'table', details, rows: sum(({ rows }) => rows ?? 0), bytes: sum(({ raw }) => raw), slices };
}

describe('planLoad', () => {
  it('splits a large table over the connections and keeps every slice once and in order', () => {
    const large = table('large', Array.from({ length: 100 }, () => slice(4 * MiB, 10)));
    const items = planLoad([large], 4);
    expect(items.length).toBeGreaterThan(4);
    expect(items.flatMap(({ runs }) => runs.flatMap(({ slices }) => slices))).toHaveLength(100);
    expect(items.reduce((rows, { runs }) => rows + (runs[0]?.rows ?? 0), 0)).toBe(1000);
    expect(planLoad([large], 1)).toHaveLength(1);
  });

  it('never splits within a row that is longer than a part', () => {
    const rows = Array.from({ length: 8 }, () => [slice(MiB, 1), slice(32 * MiB, 0), slice(32 * MiB, 0), slice(6 * MiB, 1)]).flat();
    for (const { runs } of planLoad([table('wide', rows)], 8)) {
      expect(runs[0]?.slices.at(-1)?.rows).toBe(1);
      expect(runs[0]?.slices[0]?.raw).toBeLessThan(16 * MiB);
    }
  });

  it('bundles small tables and leaves empty ones out', () => {
    const small = Array.from({ length: 50 }, (_, index) => table(`small_${index}`, [slice(1000, 5)]));
    const items = planLoad([...small, table('empty', []), table('large', [slice(8 * MiB, 9)])], 2);
    expect(items.map(({ runs }) => runs.length)).toEqual([1, 50]);
  });
});

function mebibytes(count: number): PartSlice[] {
  return Array.from({ length: count / 8 }, () => slice(8 * MiB, 10));
}

function take(connection: Iterator<LoadItem>): LoadItem | undefined {
  return connection.next().value as LoadItem | undefined;
}

describe('LoadQueue', () => {
  it('gives each connection a table of its own, the largest first, until no other is left', () => {
    const queue = new LoadQueue(planLoad([table('little', [slice(2 * MiB, 1)]), table('large', mebibytes(128)), table('middle', mebibytes(32))], 2));
    const [one, other] = [queue[Symbol.iterator](), queue[Symbol.iterator]()];
    const names = [];
    // The first connection stays at its first run while the other one takes everything else.
    names.push(take(one)?.table?.name);
    for (let item = take(other); item !== undefined; item = take(other)) names.push(item.table?.name);
    expect(names.slice(0, 4)).toEqual(['large', 'middle', 'middle', 'little']);
    expect(new Set(names.slice(4))).toEqual(new Set(['large']));
  });

  it('hands out everything once, a table’s runs in order', () => {
    const items = planLoad([table('large', mebibytes(320)), table('small', [slice(1000, 1)])], 3);
    const queue = new LoadQueue(items);
    const connections = Array.from({ length: 3 }, () => queue[Symbol.iterator]());
    const taken: LoadItem[] = [];
    for (let open = connections; open.length > 0; ) {
      open = open.filter((connection) => {
        const item = take(connection);
        if (item) taken.push(item);
        return item !== undefined;
      });
    }
    expect(taken).toHaveLength(items.length);
    expect(taken.filter((item) => item.table)).toEqual(items.filter((item) => item.table));
  });
});

describe('names of databases', () => {
  it('fit into 63 bytes without cutting a character', () => {
    for (const name of ['shop', 'ü'.repeat(31), '数据库'.repeat(7), '😀'.repeat(15)]) {
      for (const made of [restoringName(name), previousName(name, new Date())]) {
        expect(Buffer.byteLength(made)).toBeLessThanOrEqual(63);
        expect(made).not.toContain('\uFFFD');
      }
    }
    expect(previousName('shop', new Date('2026-01-16T18:04:45.123Z'))).toBe('shop_before_20260116T180445Z');
    expect(withSuffix('a'.repeat(63), '_x')).toBe(`${'a'.repeat(61)}_x`);
  });

  it('are made of addresses', () => {
    expect(defaultName('postgres://u@h/Shop%20EU', {})).toBe('shop-eu');
    expect(defaultName('postgres://u@h/%E6%95%B0%E6%8D%AE', {})).toBe('database');
    expect(besideSource('postgres://u:p%40@h:5433/shop?sslmode=require', '20260116T180445Z-a1b2c3', {})).toBe('postgres://u:p%40@h:5433/shop_20260116T180445Z-a1b2c3?sslmode=require');
    expect(besideSource('postgres:///?host=/run/postgresql&dbname=shop', 'x', {})).toBe('postgres:///shop_x?host=/run/postgresql');
  });
});

describe('settingClause', () => {
  it.each([
    ['work_mem=5MB', `"work_mem" TO '5MB'`],
    [`search_path="$user", public, "we""ird"`, `"search_path" TO '$user', 'public', 'we"ird'`],
    ['search_path=""', `"search_path" TO ''`],
    ['search_path=', `"search_path" TO ''`],
    [`sample.custom=it's = \\ odd`, `"sample"."custom" TO E'it''s = \\\\ odd'`],
    ['temp_tablespaces=one, "Two, three"', `"temp_tablespaces" TO 'one', 'Two, three'`],
  ])('writes %s', (setting, clause) => {
    expect(settingClause(setting)).toBe(clause);
  });
});

describe('createDatabaseStatement', () => {
  const database = {
    name: 'x', owner: 'o', comment: null, encoding: 'UTF8', collate: 'C', ctype: 'C', localeProvider: 'c' as const, locale: null, icuRules: null, connectionLimit: -1, settings: [], acl: null,
  };

  it('names the provider of the locale where the server knows providers', () => {
    expect(createDatabaseStatement('x', database, { serverVersion: 140_000 })).toBe(`CREATE DATABASE "x" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'`);
    expect(createDatabaseStatement('x', database, { serverVersion: 150_000, owner: 'o"o' })).toMatch(/LOCALE_PROVIDER libc OWNER "o""o"$/);
    expect(createDatabaseStatement('x', { ...database, localeProvider: 'i', locale: 'de-AT', icuRules: "&a<'b'" }, { serverVersion: 160_000 })).toMatch(/LOCALE_PROVIDER icu ICU_LOCALE 'de-AT' ICU_RULES '&a<''b'''$/);
    expect(createDatabaseStatement('x', { ...database, localeProvider: 'b', locale: 'C.UTF-8' }, { serverVersion: 170_000 })).toMatch(/LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'$/);
  });
});

describe('forOlderServer', () => {
  it.each([1, 7, 100_000])('takes out the setting that older servers do not know, at the beginning only: chunks of %i bytes', async (size) => {
    const rest = `SELECT 1;\n${'-- words\n'.repeat(2000)}SET transaction_timeout = 0;\n`;
    const script = Buffer.from(`SET lock_timeout = 0;\nSET transaction_timeout = 0;\n${rest}`);
    const chunks = Array.from({ length: Math.ceil(script.length / size) }, (_, index) => script.subarray(index * size, (index + 1) * size));
    expect(await text(forOlderServer(Readable.from(chunks)))).toBe(`SET lock_timeout = 0;\n${rest}`);
    expect(await text(forOlderServer(Readable.from([Buffer.from('SELECT 1;\n')])))).toBe('SELECT 1;\n');
  });
});
