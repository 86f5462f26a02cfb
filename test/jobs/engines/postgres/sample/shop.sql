-- A database like a shop's: customers, products, orders, order lines, events. The same rows each time. `:scale` thousand
-- orders and in proportion the rest, by `SET sample.scale = …` before; 1 by default, which is about 2.5 MB of rows.
-- Runs in an empty UTF8 database of PostgreSQL 15 or newer, by psql or as one simple query.

SET client_min_messages = warning;

CREATE SCHEMA shop;

CREATE TYPE shop.order_status AS ENUM ('new', 'paid', 'sent', 'returned');
CREATE DOMAIN shop.email AS text CHECK (VALUE ~ '^[^@]+@[^@]+$');
CREATE DOMAIN shop.amount AS numeric(12, 2) CHECK (VALUE >= 0);
CREATE TYPE shop.address AS (street text, zip text, city text);

CREATE FUNCTION shop.scaled(thousandth numeric) RETURNS integer LANGUAGE sql STABLE AS
$$ SELECT greatest(1, (thousandth * coalesce(nullif(current_setting('sample.scale', true), ''), '1')::numeric)::integer) $$;

CREATE TABLE shop.customers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email shop.email NOT NULL UNIQUE,
  name text NOT NULL,
  home shop.address,
  interests text[] NOT NULL DEFAULT '{}',
  settings jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL,
  note text
);
INSERT INTO shop.customers (email, name, home, interests, settings, created_at, note)
SELECT 'user' || i || '@' || (ARRAY['example.com', 'example.org', '例子.example'])[i % 3 + 1],
       (ARRAY['Anna', 'José', 'Łukasz', 'O''Brien', '王伟', 'Zoë'])[i % 6 + 1] || ' ' || substr(md5(i::text), 1, 8),
       ROW('Street "' || i % 97 || '"', lpad((i % 99999)::text, 5, '0'), (ARRAY['Berlin', 'Lyon', 'Kraków', '上海'])[i % 4 + 1])::shop.address,
       (ARRAY['books', 'garden', 'music, live', 'travel'])[1:i % 5],
       jsonb_build_object('theme', CASE WHEN i % 2 = 0 THEN 'dark' ELSE 'light' END, 'visits', i * 7 % 1000, 'tags', jsonb_build_array(i % 3, NULL, 'x' || i % 11)),
       timestamptz '2023-01-01 00:00:00+00' + i * interval '97 seconds',
       CASE WHEN i % 5 = 0 THEN E'line one\nline two\twith a tab and a \\ for customer ' || i END
FROM generate_series(1, shop.scaled(400)) AS i;

CREATE TABLE shop.products (
  id integer PRIMARY KEY,
  sku text NOT NULL UNIQUE,
  title text NOT NULL,
  price shop.amount NOT NULL,
  picture bytea,
  sold_during daterange NOT NULL,
  words tsvector GENERATED ALWAYS AS (to_tsvector('simple', title)) STORED
);
INSERT INTO shop.products (id, sku, title, price, picture, sold_during)
SELECT i, 'SKU-' || lpad(i::text, 8, '0'), 'Product ' || md5('title' || i), (i * 37 % 100000) / 100.0,
       CASE WHEN i % 4 = 0 THEN decode(repeat(md5('picture' || i), 1 + i % 40), 'hex') END,
       daterange(date '2022-01-01' + i % 365, CASE WHEN i % 3 = 0 THEN NULL ELSE date '2025-01-01' END)
FROM generate_series(1, shop.scaled(100)) AS i;
CREATE INDEX products_words ON shop.products USING gin (words);

CREATE TABLE shop.orders (
  id bigint PRIMARY KEY,
  customer bigint NOT NULL REFERENCES shop.customers,
  status shop.order_status NOT NULL DEFAULT 'new',
  ordered_at timestamptz NOT NULL,
  deliver_to shop.address,
  total shop.amount
);
INSERT INTO shop.orders
SELECT i, (i::bigint * 7919) % shop.scaled(400) + 1, (ARRAY['new', 'paid', 'sent', 'returned']::shop.order_status[])[i % 4 + 1],
       timestamptz '2024-01-01 00:00:00+00' + i * interval '31 seconds',
       CASE WHEN i % 10 = 0 THEN ROW('Elsewhere ' || i, '00000', NULL)::shop.address END, (i * 13 % 50000) / 100.0
FROM generate_series(1, shop.scaled(1000)) AS i;
CREATE SEQUENCE shop.order_number OWNED BY shop.orders.id;
SELECT setval('shop.order_number', shop.scaled(1000));
ALTER TABLE shop.orders ALTER COLUMN id SET DEFAULT nextval('shop.order_number');
CREATE INDEX orders_customer ON shop.orders (customer, ordered_at DESC);
CREATE INDEX orders_open ON shop.orders (ordered_at) WHERE status IN ('new', 'paid');

CREATE TABLE shop.order_lines (
  "order" bigint NOT NULL REFERENCES shop.orders ON DELETE CASCADE,
  line smallint NOT NULL,
  product integer NOT NULL REFERENCES shop.products,
  quantity integer NOT NULL CHECK (quantity > 0),
  price shop.amount NOT NULL,
  PRIMARY KEY ("order", line)
);
INSERT INTO shop.order_lines
SELECT i, n, (i::bigint * 31 + n * 17) % shop.scaled(100) + 1, i % 5 + n, ((i + n) * 11 % 9900) / 100.0
FROM generate_series(1, shop.scaled(1000)) AS i, generate_series(1, 3) AS n;

CREATE TABLE shop.events (
  id bigint NOT NULL,
  happened_at timestamptz NOT NULL,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  during tstzmultirange
) PARTITION BY RANGE (happened_at);
CREATE TABLE shop.events_2023 PARTITION OF shop.events FOR VALUES FROM ('2023-01-01 00:00:00+00') TO ('2024-01-01 00:00:00+00');
CREATE TABLE shop.events_2024 PARTITION OF shop.events FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2025-01-01 00:00:00+00');
CREATE TABLE shop.events_later PARTITION OF shop.events DEFAULT;
INSERT INTO shop.events
SELECT i, timestamptz '2023-06-01 00:00:00+00' + (i % 700) * interval '1 day' + i * interval '1 second', (ARRAY['click', 'view', 'buy'])[i % 3 + 1],
       jsonb_build_object('customer', i % 400, 'page', '/p/' || md5(i::text), 'ms', i * 7 % 3000, 'extra', jsonb_build_object('ua', 'Agent/' || i % 20)),
       CASE WHEN i % 6 = 0 THEN tstzmultirange(tstzrange('2024-01-01 00:00:00+00', timestamptz '2024-01-01 00:00:00+00' + i * interval '1 minute')) END
FROM generate_series(1, shop.scaled(5000)) AS i;
CREATE INDEX events_happened ON shop.events USING brin (happened_at);

CREATE VIEW shop.open_orders AS SELECT o.id, c.email, o.total FROM shop.orders AS o JOIN shop.customers AS c ON c.id = o.customer WHERE o.status IN ('new', 'paid');
CREATE MATERIALIZED VIEW shop.revenue AS
SELECT p.id AS product, sum(l.quantity * l.price) AS revenue, count(DISTINCT l."order") AS orders FROM shop.order_lines AS l JOIN shop.products AS p ON p.id = l.product GROUP BY p.id;
CREATE UNIQUE INDEX revenue_product ON shop.revenue (product);

CREATE FUNCTION shop.touch_order() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN UPDATE shop.orders SET total = (SELECT sum(quantity * price) FROM shop.order_lines WHERE "order" = NEW."order") WHERE id = NEW."order"; RETURN NULL; END $$;
CREATE TRIGGER order_total AFTER INSERT OR UPDATE ON shop.order_lines FOR EACH ROW EXECUTE FUNCTION shop.touch_order();
COMMENT ON TABLE shop.orders IS 'What customers bought';
