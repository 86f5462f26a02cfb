import { Migration } from '@mikro-orm/migrations';

import { createAccounts } from './0001-create-accounts.ts';
import { type Dialect, dialects } from './dialects.ts';

interface Step {
  readonly name: string;
  readonly statements: (dialect: Dialect) => readonly string[];
}

/** In the order in which they are applied. One that was released is never changed: the next one changes what it made. */
const steps: readonly Step[] = [{ name: '0001-create-accounts', statements: createAccounts }];

export const migrationNames: readonly string[] = steps.map(({ name }) => name);

/** The migrations as MikroORM's migrator takes them. */
export function migrationsFor(kind: Dialect['kind']) {
  return steps.map(({ name, statements }) => ({
    name,
    class: class extends Migration {
      override up(): void {
        for (const statement of statements(dialects[kind])) this.addSql(statement);
      }
    },
  }));
}
