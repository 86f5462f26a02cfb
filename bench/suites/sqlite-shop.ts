import { DatabaseSync } from 'node:sqlite';

const words = Array.from({ length: 4000 }, (_, n) => {
  const syllables = ['ka', 'ro', 'mi', 'ten', 'sol', 'an', 'er', 'li', 'pra', 'do', 'ves', 'tu'];
  return [n, n / 12, n > 300 ? n / 144 : undefined].map((index) => (index === undefined ? '' : syllables[Math.floor(index) % 12])).join('');
});

/** Numbers from 0 to 1, the same for the same seed. */
function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) >>> 0;
    const mixed = Math.imul(state ^ (state >>> 12), 0x297a2d39) >>> 0;
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** A new SQLite file in WAL mode of about so many gigabytes: one table of orders with an index. The same content each time. */
export function buildSqliteShop(path: string, gigabytes: number): void {
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; CREATE TABLE orders (id INTEGER PRIMARY KEY, placed_at TEXT NOT NULL, customer INTEGER NOT NULL, total REAL NOT NULL, note TEXT NOT NULL)');
    const insert = database.prepare('INSERT INTO orders (placed_at, customer, total, note) VALUES (?, ?, ?, ?)');
    const draw = draws(42);
    const bytes = gigabytes * 1e9;
    for (let written = 0; written < bytes; ) {
      database.exec('BEGIN');
      for (let row = 0; row < 20_000 && written < bytes; row += 1) {
        const note = Array.from({ length: 5 + Math.floor(60 * draw() ** 2) }, () => words[Math.floor(4000 ** draw())]).join(' ');
        insert.run(new Date(1.7e12 + written * 10).toISOString(), Math.floor(draw() * 1e6), Math.round(draw() * 1e5) / 100, note);
        written += note.length + 65;
      }
      database.exec('COMMIT');
    }
    database.exec('CREATE INDEX orders_customer ON orders (customer); PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    database.close();
  }
}

/** Changes so many rows, evenly spread over the table: each in another place of the file. */
export function updateRows(path: string, count: number, round: number): void {
  const database = new DatabaseSync(path);
  try {
    const { rows } = database.prepare('SELECT max(id) AS rows FROM orders').get() as { rows: number };
    const update = database.prepare('UPDATE orders SET total = total + 1 WHERE id = ?');
    database.exec('BEGIN');
    for (let index = 0; index < count; index += 1) update.run(1 + ((Math.floor((index * rows) / count) + round * 7) % rows));
    database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    database.close();
  }
}
