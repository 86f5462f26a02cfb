import { randomInt } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';

/**
 * `node busy-program.ts <role> <database> <setting>`: uses a database until it is killed, as fast as it can. `transfer` moves
 * amounts between two tables and counts each in a third, so that their sum never changes and the count is right in every state;
 * `checkpoint` copies the log back in one mode; `hold` dies by its own hand inside a large transaction;
 * `lock` runs SQL and keeps the connection open.
 */
const [role, path = '', setting = ''] = process.argv.slice(2);
const database = new DatabaseSync(path, { timeout: 20_000 });

if (role === 'transfer') {
  database.exec(`PRAGMA synchronous = OFF; PRAGMA wal_autocheckpoint = ${setting}`);
  const take = database.prepare('UPDATE debit SET amount = amount - ? WHERE id = ?');
  const give = database.prepare('UPDATE credit SET amount = amount + ? WHERE id = ?');
  const note = database.prepare('INSERT INTO movement (amount, filler) VALUES (?, randomblob(?))');
  const forget = database.prepare('DELETE FROM movement WHERE id < ?');
  process.stdout.write('ready\n');
  for (let round = 1; ; round += 1) {
    const amount = randomInt(100);
    database.exec('BEGIN IMMEDIATE');
    take.run(amount, randomInt(1, 2001));
    give.run(amount, randomInt(1, 2001));
    const { lastInsertRowid } = note.run(amount, randomInt(round % 50 === 0 ? 60_000 : 200));
    database.exec('UPDATE tally SET movements = movements + 1');
    if (round % 200 === 0) {
      const { changes } = forget.run(Number(lastInsertRowid) - 1000);
      database.exec(`UPDATE tally SET movements = movements - ${changes}`);
    }
    database.exec('COMMIT');
  }
}

if (role === 'checkpoint') {
  process.stdout.write('ready\n');
  for (;;) {
    try {
      database.exec(`PRAGMA wal_checkpoint(${setting})`);
    } catch {
      // Busy: another checkpoint runs.
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, randomInt(3));
  }
}

if (role === 'hold') {
  // A small cache, so that changed pages reach the file (or the log) before the commit that never comes.
  database.exec('PRAGMA cache_size = 10; BEGIN; UPDATE debit SET amount = amount + 1; UPDATE credit SET amount = 7; CREATE TABLE half (x)');
  process.stdout.write('ready\n');
  process.kill(process.pid, 'SIGKILL');
}

if (role === 'lock') {
  database.exec(setting);
  process.stdout.write('ready\n');
  // Refers to the connection, or it would be collected and closed.
  setInterval(() => database.isOpen, 1000);
}
