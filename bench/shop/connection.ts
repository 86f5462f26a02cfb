import { Client } from 'pg';

/** A connection for as long as `use` takes; the signal ends it, and with it the statement that runs. */
export async function withConnection<Result>(url: string, signal: AbortSignal, use: (client: Client) => Promise<Result>): Promise<Result> {
  signal.throwIfAborted();
  const client = new Client({ connectionString: url });
  // A connection that breaks is reported by the statement that it breaks.
  client.on('error', () => undefined);
  const end = () => void client.end();
  signal.addEventListener('abort', end, { once: true });
  try {
    await client.connect();
    return await use(client);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', end);
    await client.end();
  }
}

/** Runs SQL (also several statements) on a connection of its own and gives the last statement's rows. */
export async function query(url: string, sql: string, signal: AbortSignal): Promise<Record<string, unknown>[]> {
  return withConnection(url, signal, async (client) => {
    const result = await client.query<Record<string, unknown>>(sql);
    return (Array.isArray(result) ? (result as (typeof result)[]).at(-1) : result)?.rows ?? [];
  });
}
