import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Lines in which the definitions of equal databases differ: who wrote them and when, psql's random key. */
const incidental = /^(--$|-- Dumped |-- Started |-- Completed |-- PostgreSQL database dump|\\restrict |\\unrestrict |SET |SELECT pg_catalog\.set_config)/;
/** Settings that hold until the next one, and so belong to each object behind them. */
const standing = /^SET (default_tablespace|default_table_access_method) = /;

/**
 * SHA-256 of definitions as plain SQL, object by object in an order of its own: pg_dump orders objects of one name by
 * their age. Equal for databases of equal definition. Memory is bounded by the number of objects.
 */
export async function fingerprintDefinitions(sql: Readable): Promise<string> {
  const digests: string[] = [];
  const settings = new Map<string, string>();
  let object = createHash('sha256');
  for await (const line of createInterface({ input: sql, crlfDelay: Infinity })) {
    if (line.startsWith('-- Name: ')) {
      digests.push(object.digest('hex'));
      object = createHash('sha256');
      for (const setting of settings.values()) object.update(`${setting}\n`);
    }
    const setting = standing.exec(line);
    if (setting?.[1] !== undefined) settings.set(setting[1], line);
    else if (line !== '' && !incidental.test(line)) object.update(`${line}\n`);
  }
  digests.push(object.digest('hex'));
  return createHash('sha256').update(digests.toSorted().join('\n')).digest('hex');
}
