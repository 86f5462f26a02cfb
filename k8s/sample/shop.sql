CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL, city text NOT NULL);

CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES customers, cents integer NOT NULL, ordered_at timestamptz NOT NULL);

INSERT INTO customers SELECT n, 'Customer ' || n, (ARRAY['Lyon', 'Oslo', 'Rome', 'Bonn'])[1 + n % 4] FROM generate_series(1, 5000) AS n;

INSERT INTO orders SELECT n, 1 + n % 5000, 99 + (n * 7919::bigint) % 9000, timestamptz '2026-01-01' + n * interval '1 minute' FROM generate_series(1, 50000) AS n;

