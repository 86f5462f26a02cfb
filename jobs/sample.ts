import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

// Before anything uses libuv's thread pool: see main.ts.
process.env['UV_THREADPOOL_SIZE'] ??= '8';
const { runJob } = await import('./run-job.ts');

/**
 * `npm run sample`: a first backup and restore of a small shop, in `.holdfast/` of this folder. Each step is the command that a
 * person would type, and is shown as such. Running it again makes another backup, which costs what changed.
 */
const folder = join(process.cwd(), '.holdfast');
const shop = join(folder, 'shop.sqlite');
const keys = join(folder, 'keys');
const repository = join(folder, 'repository');
const restored = join(folder, `restored-${Date.now()}.sqlite`);

const environment = {
  HOLDFAST_LOG_LEVEL: 'warn',
  ...process.env,
  HOLDFAST_REPOSITORY: `file://${repository}`,
  HOLDFAST_SOURCE: `sqlite://${shop}`,
  HOLDFAST_REPOSITORY_KEY_FILE: join(keys, 'repository.key'),
  HOLDFAST_RECIPIENTS_FILE: join(keys, 'recipients.txt'),
  HOLDFAST_IDENTITY_FILE: join(keys, 'identity.txt'),
};

async function holdfast(...words: string[]): Promise<void> {
  process.stdout.write(`\n$ holdfast ${words.map((word) => word.replace(`${folder}/`, '.holdfast/')).join(' ')}\n`);
  const exitCode = await runJob({ arguments: words, environment, stdout: process.stdout, stderr: process.stderr, signals: process });
  if (exitCode !== 0) process.exit(exitCode);
}

function ask(path: string, sql: string): unknown {
  const database = new DatabaseSync(path);
  try {
    return database.prepare(sql).get();
  } finally {
    database.close();
  }
}

mkdirSync(folder, { recursive: true });
if (!existsSync(shop)) {
  const database = new DatabaseSync(shop);
  database.exec(readFileSync(new URL('../examples/shop.sql', import.meta.url), 'utf8'));
  database.close();
}
if (!existsSync(keys)) await holdfast('keygen', '--directory', keys);
if (!existsSync(join(repository, 'repository.json'))) await holdfast('init');
else ask(shop, `UPDATE orders SET note = 'changed at ${new Date().toISOString()}' WHERE id = 1 RETURNING id`);

await holdfast('backup');
await holdfast('list');
await holdfast('restore', 'latest', '--to', `sqlite://${restored}`);

const question = 'SELECT count(*) AS orders, sum(quantity) AS pieces FROM orders';
const before = JSON.stringify(ask(shop, question));
const after = JSON.stringify(ask(restored, question));
process.stdout.write(`\nThe shop says ${before}, the restored copy says ${after}: ${before === after ? 'equal' : 'DIFFERENT'}.\n`);
process.stdout.write(`\nEverything is in ${relative(process.cwd(), folder)}/: shop.sqlite (the sample), keys/, repository/ (the backups), ${relative(folder, restored)}.\nRun it again to see what a second backup costs; README.md goes on from here.\n`);
if (before !== after) process.exitCode = 5;
