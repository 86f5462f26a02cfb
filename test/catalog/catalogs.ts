import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Account, type AccountsContext, createAccount } from '../../src/catalog/accounts.ts';
import { type Catalog, openCatalog } from '../../src/catalog/catalog.ts';
import type { Role } from '../../src/operations/http/service.ts';
import { createPasswordHasher } from '../../src/operations/passwords/password-hasher.ts';
import { openPasswordPolicy } from '../../src/operations/passwords/password-policy.ts';
import { createDatabase, service } from '../services/database.ts';
import { captureLog } from '../support/captured-log.ts';

export const waiting = { signal: new AbortController().signal };

/** A database that belongs to one test. */
export interface CatalogPlace {
  readonly url: string;
  /** Opens it once more, as another process would. */
  open(): Promise<Catalog>;
  remove(): Promise<void>;
}

/** Each database that the suites run on, made empty. */
export const catalogPlaces: readonly { readonly name: 'SQLite' | 'PostgreSQL'; readonly make: () => Promise<CatalogPlace> }[] = [
  {
    name: 'SQLite',
    make: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'holdfast-catalog-'));
      return placeAt(`sqlite://${join(folder, 'catalog.db')}`, async () => rm(folder, { recursive: true }));
    },
  },
  {
    name: 'PostgreSQL',
    make: async () => {
      const database = await createDatabase(service('TEST_DATABASE_URL'));
      return placeAt(database.url, async () => database.drop());
    },
  },
];

function placeAt(url: string, removePlace: () => Promise<void>): CatalogPlace {
  const opened: Catalog[] = [];
  return {
    url,
    open: async () => {
      const catalog = await openCatalog({ url, log: captureLog().log });
      opened.push(catalog);
      return catalog;
    },
    remove: async () => {
      for (const catalog of opened) await catalog.close();
      await removePlace();
    },
  };
}

/** A clock that a test moves. */
export function testClock(start = '2026-01-16T18:04:45.123Z'): { now: () => Date; advance: (milliseconds: number) => void } {
  let time = Date.parse(start);
  return { now: () => new Date(time), advance: (milliseconds) => { time += milliseconds; } };
}

/** The cheapest hash that there is: tests are about other things. */
export const cheapScheme = { name: 'argon2id', parameters: { m: 8, t: 1, p: 1 } } as const;

export async function accountsContext(catalog: Catalog, now: () => Date = () => new Date()): Promise<AccountsContext> {
  return { catalog, now, passwords: createPasswordHasher({ scheme: cheapScheme }), policy: await openPasswordPolicy() };
}

export const goodPassword = 'seven brown kettles';

export async function addAccount(context: AccountsContext, name: string, role: Role = 'viewer'): Promise<Account> {
  return createAccount(context, { name, role, password: goodPassword }, waiting);
}
