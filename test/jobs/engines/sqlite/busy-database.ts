import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { DatabaseSync } from 'node:sqlite';
import { expect } from '@jest/globals';
import { query } from './fixture.ts';

const program = fileURLToPath(new URL('busy-program.ts', import.meta.url));

/** Creates the tables that busy-program.ts works on. */
export function createBusyDatabase(path: string, pragmas: string): void {
  const database = new DatabaseSync(path);
  database.exec(`${pragmas};
    CREATE TABLE debit (id INTEGER PRIMARY KEY, amount INTEGER, filler BLOB);
    CREATE TABLE credit (id INTEGER PRIMARY KEY, amount INTEGER, filler BLOB);
    CREATE INDEX credit_amount ON credit (amount);
    CREATE TABLE movement (id INTEGER PRIMARY KEY AUTOINCREMENT, amount INTEGER, filler BLOB);
    CREATE TABLE tally (movements INTEGER);
    INSERT INTO tally VALUES (0);
    WITH RECURSIVE s(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM s WHERE v < 2000) INSERT INTO debit SELECT v, 500, randomblob(1500) FROM s;
    INSERT INTO credit SELECT id, 500, randomblob(1500) FROM debit;`);
  database.close();
}

/** Throws unless the file is a sound database of one state of what busy-program.ts does. Returns its movements so far. */
export function expectOneState(path: string): number {
  expect(query(path, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  const [state] = query(
    path,
    `SELECT (SELECT sum(amount) FROM debit) + (SELECT sum(amount) FROM credit) AS money,
            (SELECT count(*) FROM movement) - (SELECT movements FROM tally) AS miscounted,
            (SELECT seq FROM sqlite_sequence) AS movements`,
  );
  expect(state).toMatchObject({ money: 2_000_000, miscounted: 0 });
  return Number(state?.['movements']);
}

/** Starts busy-program.ts and waits until it works. */
export async function startProgram(role: string, path: string, setting: string | number = ''): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, role, path, String(setting)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

export async function kill(children: readonly ChildProcess[]): Promise<void> {
  await Promise.all(
    children.map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }),
  );
}
