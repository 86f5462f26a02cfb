-- A small shop, for the tour in the README: SQLite, about 8 MB.
PRAGMA journal_mode = WAL;
BEGIN;
CREATE TABLE customers (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT NOT NULL UNIQUE,
  city TEXT NOT NULL
);
CREATE TABLE products (
  sku TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  price_cents INTEGER NOT NULL CHECK (price_cents > 0)
) WITHOUT ROWID;
CREATE TABLE orders (
  id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customers,
  sku TEXT NOT NULL REFERENCES products,
  quantity INTEGER NOT NULL,
  ordered_at TEXT NOT NULL,
  note TEXT
);
CREATE INDEX orders_by_customer ON orders (customer_id);

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
INSERT INTO customers
SELECT i, 'Customer ' || i, 'customer' || i || '@example.com', substr('LyonOsloRomeBonn', 1 + 4 * (i % 4), 4) FROM n;

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
INSERT INTO products SELECT printf('SKU-%05d', i), 'Product number ' || i, 99 + (i * 7919) % 9000 FROM n;

WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
INSERT INTO orders
SELECT i, 1 + (i * 7919) % 5000, printf('SKU-%05d', 1 + (i * 104729) % 500), 1 + i % 5,
       datetime('2025-01-01', '+' || (i * 8) || ' minutes'),
       'order ' || i || ', packed by hand, ref ' || hex(i * 2654435761 % 4294967296)
FROM n;
COMMIT;
