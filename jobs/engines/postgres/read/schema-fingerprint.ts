import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** Lines in which the definitions of equal databases differ: who wrote them and when, psql's random key. */
const incidental = /^(--$|-- Dumped |-- Started |-- Completed |-- PostgreSQL database dump|\\restrict |\\unrestrict |SET |SELECT pg_catalog\.set_config)/;
/** Settings that hold until the next one, and so belong to each object behind them. */
const standing = /^SET (default_tablespace|default_table_access_method) = /;

/** One object's definition, or what stands before the first. */
export interface Definition {
  /** Its kind, schema and name for people: `TABLE public.orders`; others may have the same. */
  readonly name: string;
  readonly digest: string;
}

/** The heading that pg_dump gives an object. A dash stands for no schema. */
const heading = /^-- Name: (.*); Type: (.*); Schema: (.*); Owner: /;

/** The definitions of plain SQL, object by object, without what differs between dumps of equal databases. */
export async function* digestDefinitions(sql: Readable): AsyncGenerator<Definition> {
  const settings = new Map<string, string>();
  let name = 'SETTINGS';
  let object = createHash('sha256');
  for await (const line of createInterface({ input: sql, crlfDelay: Infinity })) {
    if (line.startsWith('-- Name: ')) {
      yield { name, digest: object.digest('hex') };
      const [, own = line, type = '', schema = '-'] = heading.exec(line) ?? [];
      name = `${type} ${schema === '-' ? '' : `${schema}.`}${own}`;
      object = createHash('sha256');
      for (const setting of settings.values()) object.update(`${setting}\n`);
    }
    const setting = standing.exec(line);
    if (setting?.[1] !== undefined) settings.set(setting[1], line);
    else if (line !== '' && !incidental.test(line)) object.update(`${line}\n`);
  }
  yield { name, digest: object.digest('hex') };
}

/**
 * SHA-256 of definitions, whatever their order: pg_dump orders objects of one name by their age. Equal for databases of
 * equal definition.
 */
export function fingerprintOf(definitions: readonly Definition[]): string {
  const digests = definitions.map(({ digest }) => digest);
  return createHash('sha256').update(digests.toSorted().join('\n')).digest('hex');
}

/** The fingerprint of definitions as plain SQL. Memory is bounded by the number of objects. */
export async function fingerprintDefinitions(sql: Readable): Promise<string> {
  return fingerprintOf(await Array.fromAsync(digestDefinitions(sql)));
}
