import { DatabaseSync } from 'node:sqlite';

/** A process that changes one row after the other, each in a transaction of its own, as fast as it can, until it is ended. */
const database = new DatabaseSync(process.argv[2] ?? '', { timeout: 5000 });
const { rows } = database.prepare('SELECT max(id) AS rows FROM orders').get() as { rows: number };
const update = database.prepare('UPDATE orders SET total = total + 1 WHERE id = ?');
database.exec('PRAGMA synchronous = NORMAL');
process.stdout.write('writing\n');
for (let turn = 0; ; turn += 1) update.run(1 + ((turn * 7919) % rows));
