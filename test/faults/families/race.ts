import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { query } from '../../services/database.ts';
import type { Fault, Outcome } from '../case.ts';
import { runCommand } from '../commands.ts';
import type { Dice } from '../dice.ts';
import { judge } from '../judge.ts';
import type { Lab } from '../lab.ts';
import { prepareMission } from '../missions.ts';
import type { Target } from '../sources.ts';

/** What a migration does in each of its transactions, beside the transfer that every transaction makes. `step` counts them. */
const changes: Readonly<Record<string, (step: number) => string>> = {
  truncate: (step) => `TRUNCATE pictures; INSERT INTO pictures SELECT i, decode(md5('${step}'), 'hex') FROM generate_series(1, 60) i`,
  alter: (step) => `ALTER TABLE accounts ADD COLUMN added_${step} int DEFAULT ${step}`,
  drop: (step) => `DROP TABLE IF EXISTS passing; CREATE TABLE passing AS SELECT ${step} AS step`,
  create: (step) => `CREATE TABLE made_${step} (id int PRIMARY KEY); INSERT INTO made_${step} VALUES (${step})`,
  partition: (step) => `CREATE TABLE entries_${step} PARTITION OF entries FOR VALUES FROM (${1_000_000 + step}) TO (${1_000_001 + step}); INSERT INTO entries (account, amount) VALUES (${1_000_000 + step}, 0)`,
  reindex: () => 'REINDEX TABLE accounts; REINDEX TABLE entries_low',
};
/** What cannot run in a transaction. */
const statements: Readonly<Record<string, string>> = { 'vacuum-full': 'VACUUM FULL entries_low; VACUUM FULL accounts' };

/** One state only if none of these gives a row: every table tells of the same step. */
const contradictions: Readonly<Record<string, string>> = {
  total: 'SELECT sum FROM total WHERE sum <> 0',
  marks: 'SELECT count(DISTINCT step) FROM marks HAVING count(DISTINCT step) <> 1',
  entries: "SELECT count(*) FROM entries WHERE note = 'race' HAVING count(*) <> (SELECT 10 * (step - 1) FROM marks LIMIT 1)",
  truncate: "SELECT count(*) FROM pictures HAVING count(*) <> 60 OR (SELECT step FROM marks LIMIT 1) > 1 AND count(*) FILTER (WHERE content = decode(md5((SELECT step::text FROM marks LIMIT 1)), 'hex')) <> 60",
  alter: "SELECT count(*) FROM pg_attribute WHERE attrelid = 'accounts'::regclass AND attname ~ '^added_' HAVING count(*) <> (SELECT step - 1 FROM marks LIMIT 1)",
  drop: "SELECT 1 FROM marks WHERE step > 1 AND NOT EXISTS (SELECT FROM passing WHERE passing.step = marks.step)",
  create: "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname ~ '^made_' HAVING count(*) <> (SELECT step - 1 FROM marks LIMIT 1)",
  partition: 'SELECT count(*) FROM entries WHERE account >= 1000000 HAVING count(*) <> (SELECT step - 1 FROM marks LIMIT 1)',
};

/** Commits one change after the other until it is stopped. Waits behind the backup's locks where it must. */
async function keepChanging(url: string, change: string, dice: Dice, stopped: AbortSignal): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    for (let step = 2; !stopped.aborted; step += 1) {
      const statement = statements[change];
      if (statement !== undefined) for (const one of statement.split('; ')) await client.query(one);
      const amount = dice.below(1000);
      await client.query(`BEGIN; ${changes[change]?.(step) ?? 'SELECT 1'};
        UPDATE accounts SET balance = balance + ${amount} WHERE id = ${1 + dice.below(6000)}; UPDATE vault SET balance = balance - ${amount};
        INSERT INTO entries (account, amount, note) SELECT i, ${amount}, 'race' FROM generate_series(1, 10) i;
        UPDATE marks SET step = ${step}; COMMIT`);
      await sleep(dice.below(500));
    }
  } finally {
    await client.end();
  }
}

async function race(lab: Lab, change: string, dice: Dice): Promise<Outcome> {
  const placed = await lab.place();
  const mission = await prepareMission('backup', { lab, placed, engine: 'postgres', dice });
  const stop = new AbortController();
  const { source } = mission;
  if (!source) throw new Error('a backup has a source');
  try {
    if (change === 'drop') await query(source.address, 'CREATE TABLE passing AS SELECT 1 AS step');
    const changing = keepChanging(source.address, change, dice, stop.signal);
    await sleep(dice.below(100));
    const ran = await runCommand(mission.words, mission.variables);
    stop.abort();
    await changing;
    const findFalse = async () => findContradictions(change, String(ran.result['id']), source.target());
    return await judge({ lab, placed, ran, mission: { ...mission, source: undefined, findFalse } });
  } finally {
    stop.abort();
    await mission.close();
    await placed.remove();
  }

  async function findContradictions(of: string, id: string, target: Target): Promise<string[]> {
    try {
      const { exitCode, code, said } = await runCommand(['restore', id], { ...placed.variables, HOLDFAST_TARGET: target.address });
      if (exitCode !== 0) return [`the backup ${id} cannot be restored: ${code ?? said}`];
      const found: string[] = [];
      for (const name of ['total', 'marks', 'entries', ...(of in contradictions ? [of] : [])]) {
        const rows = await query(target.address, contradictions[name] ?? '');
        if (rows.length > 0) found.push(`the backup ${id} is not of one moment: ${name} ${JSON.stringify(rows[0])}`);
      }
      return found;
    } finally {
      await target.drop();
    }
  }
}

export const raceFaults: readonly Fault[] = [...Object.keys(changes), ...Object.keys(statements)].map((change) => ({
  kind: `race-${change}`,
  operations: ['backup'],
  weight: 2,
  run: async (lab, _, dice) => race(lab, change, dice),
}));
