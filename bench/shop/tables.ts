/** Functions of a session that draw numbers, so that the same row has the same content on every server: hashes of row number and purpose. */
export const drawing = `
CREATE OR REPLACE FUNCTION pg_temp.draw(row_number bigint, purpose integer) RETURNS float8 IMMUTABLE LANGUAGE sql
  RETURN (hashint8extended(row_number, purpose) & 9007199254740991) / 9007199254740992.0::float8;

CREATE OR REPLACE FUNCTION pg_temp.pick(row_number bigint, purpose integer, count integer) RETURNS integer IMMUTABLE LANGUAGE sql
  RETURN 1 + floor(pg_temp.draw(row_number, purpose) * count)::integer;

-- Few of them often, most of them seldom, as in a language.
CREATE OR REPLACE FUNCTION pg_temp.rank(row_number bigint, purpose integer, count integer) RETURNS integer IMMUTABLE LANGUAGE sql
  RETURN least(count, floor(power(count, pg_temp.draw(row_number, purpose)))::integer);
`;

/** 8,000 pronounceable words as \`words\`; of a type of fixed length, so that any is found at once. */
const vocabulary = `
WITH syllables AS (SELECT ARRAY['ka','ro','mi','ten','sol','an','er','li','pra','do','ves','tu','ing','bel','cor','ha','ne','quo','ris','stu','ma','el','fi','gor'] AS s),
vocabulary AS MATERIALIZED (
  SELECT array_agg((s[pg_temp.pick(n, 901, 24)] || CASE WHEN n > 20 THEN s[pg_temp.pick(n, 902, 24)] ELSE '' END || CASE WHEN n > 300 THEN s[pg_temp.pick(n, 903, 24)] ELSE '' END)::name ORDER BY n) AS words
  FROM syllables, generate_series(1, 8000) AS n
)`;

/** So many words, in the order that the row's number draws. */
const text = (purpose: number, count: string): string =>
  `(SELECT string_agg(words[pg_temp.rank(i * 509 + k, ${purpose}, 8000)], ' ') FROM generate_series(1, ${count}) AS k)`;

const word = (purpose: number, count = 8000): string => `words[pg_temp.rank(i, ${purpose}, ${count})]`;
const oneOf = (purpose: number, ...values: string[]): string => `(ARRAY['${values.join("','")}'])[pg_temp.rank(i, ${purpose}, ${values.length})]`;
const uuid = (purpose: number): string => `md5('${purpose}:' || i)::uuid`;

/** A table of the shop: how many rows it has, numbered from 1, and what they hold. */
export interface ShopTable {
  readonly name: string;
  readonly rows: number;
  /** Columns and their values: SQL over the row's number \`i\` and the vocabulary's \`words\`. */
  readonly columns: Readonly<Record<string, string>>;
}

/** The large tables of a shop whose plain dump has about so many gigabytes. A larger shop has the rows of a smaller one, and more. */
export function shopTables(gigabytes: number): readonly ShopTable[] {
  const rows = (perGigabyte: number): number => Math.max(1, Math.floor(perGigabyte * gigabytes));
  const customers = rows(300_000);
  const purchases = rows(740_000);
  const customer = (purpose: number): string => `pg_temp.rank(i, ${purpose}, ${customers})`;
  return [
    {
      name: 'customer',
      rows: customers,
      columns: {
        id: 'i',
        name: `initcap(${word(1, 400)} || ' ' || ${word(2)})`,
        email: `${word(1, 400)} || '.' || ${word(2)} || i || '@' || ${word(3, 60)} || '.example'`,
        city: `initcap(${word(4, 900)})`,
        born: `CASE WHEN pg_temp.draw(i, 5) < 0.6 THEN date '1940-01-01' + pg_temp.pick(i, 6, 24000) END`,
        preferences: `jsonb_build_object('language', ${oneOf(7, 'en', 'zh', 'de', 'fr', 'es')}, 'newsletter', pg_temp.draw(i, 8) < 0.3, 'theme', ${oneOf(9, 'light', 'dark')}, 'interests', jsonb_build_array(${word(10, 300)}, ${word(11, 300)}))`,
        created_at: `timestamptz '2019-01-01' + i * interval '7 minutes' + pg_temp.draw(i, 12) * interval '7 minutes'`,
      },
    },
    {
      name: 'purchase',
      rows: purchases,
      columns: {
        id: 'i',
        customer_id: customer(20),
        placed_at: `timestamptz '2021-01-01' + i * interval '2 minutes' + pg_temp.draw(i, 21) * interval '2 minutes'`,
        state: oneOf(22, 'shipped', 'paid', 'open', 'returned', 'cancelled'),
        total: `round((4 + 900 * pg_temp.draw(i, 23) ^ 4)::numeric, 2)`,
        currency: oneOf(24, 'EUR', 'USD', 'CNY', 'GBP'),
        address: `jsonb_build_object('street', initcap(${word(25)}) || ' ' || pg_temp.pick(i, 26, 180), 'city', initcap(${word(27, 900)}), 'zip', lpad(pg_temp.pick(i, 28, 99999)::text, 5, '0'), 'country', ${oneOf(29, 'DE', 'CN', 'FR', 'US', 'BR', 'IN')})`,
        note: `CASE WHEN pg_temp.draw(i, 30) < 0.3 THEN ${text(31, '4 + pg_temp.pick(i, 32, 12)')} END`,
      },
    },
    {
      name: 'purchase_line',
      rows: purchases * 3,
      columns: {
        purchase_id: '(i + 2) / 3',
        line: '1 + (i + 2) % 3',
        product: `upper(left(${word(40)}, 4)) || '-' || pg_temp.rank(i, 41, 40000)`,
        quantity: 'pg_temp.rank(i, 42, 24)',
        price: `round((1 + 300 * pg_temp.draw(i, 43) ^ 3)::numeric, 2)`,
      },
    },
    {
      name: 'message',
      rows: rows(138_000),
      columns: {
        id: uuid(50),
        customer_id: customer(51),
        sent_at: `timestamp '2022-01-01' + i * interval '9 minutes' + pg_temp.draw(i, 52) * interval '9 minutes'`,
        subject: text(53, '2 + pg_temp.pick(i, 54, 7)'),
        body: text(55, '20 + floor(500 * pg_temp.draw(i, 56) ^ 3)::integer'),
      },
    },
    {
      name: 'attachment',
      rows: rows(800),
      columns: {
        id: 'i',
        message_id: uuid(50),
        content: `(SELECT string_agg(sha256(int8send(i * 100003 + k)), '') FROM generate_series(1, 60 + floor(6000 * pg_temp.draw(i, 60) ^ 4)::integer) AS k)`,
      },
    },
    {
      name: 'event',
      rows: rows(1_850_000),
      columns: {
        id: 'i',
        occurred_at: `timestamptz '2024-01-01' + i * interval '20 seconds' + pg_temp.draw(i, 70) * interval '20 seconds'`,
        customer_id: customer(71),
        kind: oneOf(72, 'page.viewed', 'search', 'cart.changed', 'signed-in', 'order.placed', 'payment.done', 'payment.failed', 'signed-out'),
        session: `md5('73:' || i / 9)::uuid`,
        request: `jsonb_build_object('method', ${oneOf(74, 'GET', 'POST', 'PUT', 'DELETE')}, 'path', '/' || ${word(75, 200)} || '/' || ${word(76)} || '/' || pg_temp.rank(i, 77, 90000), 'status', ${oneOf(78, '200', '304', '404', '302', '500')}::integer, 'ms', round((2000 * pg_temp.draw(i, 79) ^ 3)::numeric, 1), 'ip', concat_ws('.', pg_temp.pick(i / 9, 80, 223), pg_temp.pick(i / 9, 81, 255), pg_temp.pick(i / 9, 82, 255), pg_temp.pick(i / 9, 83, 255)), 'agent', ${oneOf(84, 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36', 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X)', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101', 'okhttp/4.12.0', 'curl/8.5.0')})`,
        message: text(85, '3 + pg_temp.pick(i, 86, 9)'),
      },
    },
  ];
}

/** Inserts the rows of these numbers. */
export function insertRows({ name, columns }: ShopTable, from: number, to: number): string {
  return `${vocabulary} INSERT INTO ${name} (${Object.keys(columns).join(', ')}) SELECT ${Object.values(columns).join(', ')} FROM vocabulary, generate_series(${from}::bigint, ${to}::bigint) AS i`;
}

export const smallTables = 300;

/** Fills one of the small tables, numbered from 1: 20 to 400 rows. */
export function insertLookup(number: number): string {
  const name = `lookup_${String(number).padStart(3, '0')}`;
  return `${vocabulary} INSERT INTO ${name} SELECT i, ${text(95, '3')}, round((100 * pg_temp.draw(i, 96))::numeric, 4), date '2020-01-01' + pg_temp.pick(i, 97, 2000) FROM vocabulary, generate_series(${number} * 1000, ${number} * 1000 + 19 + ${(number * 37) % 380}) AS i`;
}
