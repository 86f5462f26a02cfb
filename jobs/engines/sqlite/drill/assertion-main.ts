import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { connect } from '../read/connection.ts';

/**
 * `node assertion-main.ts <file>` runs the statement on standard input and prints as JSON what is wrong with what it gives,
 * or null: `findViolation` runs it.
 */
const location = pathToFileURL(process.argv[2] ?? '');
location.searchParams.set('immutable', '1');
const database = connect(location, 'read');
process.stdout.write(JSON.stringify(violationOf(await text(process.stdin))));

function violationOf(sql: string): string | null {
  try {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    statement.setReadBigInts(true);
    for (const row of statement.iterate() as Iterable<unknown[]>) {
      if (row.length !== 1 || row[0] !== 1n) return `the row ${JSON.stringify(row.map(readable))}`;
    }
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function readable(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return value instanceof Uint8Array ? `x'${Buffer.from(value).toString('hex')}'` : value;
}
