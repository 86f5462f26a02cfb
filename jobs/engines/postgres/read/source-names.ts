import type { Environment } from '../../../../src/operations/configuration.ts';
import { parsePostgresAddress } from '../connect/address.ts';
import { withSuffix } from '../write/database-names.ts';

/** A source name made of the database's: `postgres://db.example/Shop EU` → `shop-eu`. */
export function defaultName(address: string, environment: Environment): string {
  const name = parsePostgresAddress(address, environment)
    .database.toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  return name || 'database';
}

/** Where a restore without a target goes: the source's server, database `shop_20260116T180445Z-a1b2c3`. */
export function besideSource(source: string, backupId: string, environment: Environment): string {
  const name = withSuffix(parsePostgresAddress(source, environment).database, `_${backupId}`);
  const [beforeQuery = '', query] = source.split('?', 2);
  const authority = /^[^:]+:\/\/[^/]*/.exec(beforeQuery)?.[0] ?? beforeQuery;
  const parameters = (query ?? '').split('&').filter((pair) => pair !== '' && !pair.startsWith('dbname='));
  return `${authority}/${encodeURIComponent(name)}${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`;
}
