import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { buildShop } from './build.ts';
import { query } from './connection.ts';

export interface ShopServer {
  /** A superuser's URL. */
  readonly url: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface ShopDatabase {
  readonly name: string;
  readonly url: string;
}

const comment = 'Holdfast benchmark';

/** The shop of this size on the server: the one that is there, when it is complete and built by the same sources; else a new one. */
export async function openShop({ url, signal, say }: ShopServer, gigabytes: number): Promise<ShopDatabase> {
  const shop = databaseOf(url, `holdfast_bench_${Math.round(gigabytes * 1000)}mb`);
  const complete = `${comment}, complete: ${await sourcesHash()}`;
  if ((await commentOf({ url, signal }, shop.name)) === complete) return shop;
  await createBenchDatabase({ url, signal }, shop.name);
  say(`Building ${shop.name}: ${gigabytes} GB of rows.`);
  await buildShop({ url: shop.url, signal }, gigabytes);
  await query(url, `COMMENT ON DATABASE ${escapeIdentifier(shop.name)} IS ${escapeLiteral(complete)}`, signal);
  return shop;
}

/** A copy of a database, file by file. The original must have no session. */
export async function copyShop({ url, signal }: Pick<ShopServer, 'url' | 'signal'>, original: ShopDatabase): Promise<ShopDatabase> {
  const copy = databaseOf(url, `${original.name}_copy`);
  await createBenchDatabase({ url, signal }, copy.name, `TEMPLATE ${escapeIdentifier(original.name)} STRATEGY file_copy`);
  return copy;
}

/** An empty database of this name. One that is there is replaced when a benchmark made it. Throws when someone else did. */
export async function createBenchDatabase({ url, signal }: Pick<ShopServer, 'url' | 'signal'>, name: string, from = ''): Promise<ShopDatabase> {
  await dropBenchDatabase({ url, signal }, name);
  await query(url, `CREATE DATABASE ${escapeIdentifier(name)} ${from}`, signal);
  await query(url, `COMMENT ON DATABASE ${escapeIdentifier(name)} IS ${escapeLiteral(comment)}`, signal);
  return databaseOf(url, name);
}

/** Removes a database that a benchmark made, if it is there. Throws when someone else made it. */
export async function dropBenchDatabase({ url, signal }: Pick<ShopServer, 'url' | 'signal'>, name: string): Promise<void> {
  const found = await commentOf({ url, signal }, name);
  if (found === undefined) return;
  if (!found.startsWith(comment)) throw new Error(`The database ${name} is there and no benchmark made it: remove or rename it.`);
  await query(url, `DROP DATABASE ${escapeIdentifier(name)} WITH (FORCE)`, signal);
}

/** Removes every database that a benchmark made on this server. */
export async function dropShops({ url, signal }: Pick<ShopServer, 'url' | 'signal'>): Promise<void> {
  const rows = await query(url, `SELECT datname AS name FROM pg_database WHERE datname LIKE 'holdfast\\_bench\\_%'`, signal);
  for (const { name } of rows) await dropBenchDatabase({ url, signal }, String(name));
}

/** The same server, another database. */
export function databaseOf(url: string, name: string): ShopDatabase {
  const database = new URL(url);
  database.pathname = `/${name}`;
  return { name, url: database.href };
}

/** Undefined where there is no such database, empty where it has none. */
async function commentOf({ url, signal }: Pick<ShopServer, 'url' | 'signal'>, name: string): Promise<string | undefined> {
  const [row] = await query(url, `SELECT coalesce(shobj_description(oid, 'pg_database'), '') AS comment FROM pg_database WHERE datname = ${escapeLiteral(name)}`, signal);
  return row?.['comment'] as string | undefined;
}

async function sourcesHash(): Promise<string> {
  const sources = await Promise.all(['schema.sql', 'tables.ts', 'indexes.sql'].map((name) => readFile(join(import.meta.dirname, name))));
  return createHash('sha256').update(Buffer.concat(sources)).digest('hex').slice(0, 16);
}
