import { randomBytes } from 'node:crypto';

import { Client, escapeIdentifier, escapeLiteral, type QueryResult } from 'pg';

export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  /** Closes whatever is still connected to it and removes it. */
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  readonly template?: string;
  /** PostgreSQL's name of an encoding other than the cluster's. Takes `template0`. */
  readonly encoding?: string;
}

/** Creates a database with a name of its own in the cluster of `baseUrl`, a superuser's URL such as TEST_DATABASE_URL. */
export async function createDatabase(baseUrl: string, options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = options.template ?? (options.encoding === undefined ? 'template1' : 'template0');
  const encoding = options.encoding === undefined ? '' : ` ENCODING ${escapeLiteral(options.encoding)}`;
  await query(baseUrl, `CREATE DATABASE ${name} TEMPLATE ${escapeIdentifier(template)}${encoding}`);
  const url = new URL(baseUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    name,
    drop: async () => {
      await query(baseUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/** Runs SQL (without parameters also several statements) on a connection of its own and returns the last statement's rows. */
export async function query(url: string, sql: string, parameters?: readonly unknown[]): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  // A connection that its server ends (tests do that) is reported by the query that it breaks.
  client.on('error', () => {});
  await client.connect();
  try {
    const result: QueryResult | QueryResult[] = await (parameters === undefined ? client.query(sql) : client.query(sql, [...parameters]));
    return (Array.isArray(result) ? result.at(-1) : result)?.rows ?? [];
  } finally {
    await client.end();
  }
}

/** The value of a variable that test/services/start.ts sets, such as TEST_DATABASE_URL. */
export function service(variable: string): string {
  const value = process.env[variable];
  if (value === undefined) throw new Error(`${variable} is not set: run this test by \`npm test\`, which starts the services.`);
  return value;
}
