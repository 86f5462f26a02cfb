import { openCatalog } from '../../catalog/catalog.ts';
import { createLogger } from '../../operations/logging.ts';
import { renderText } from '../../operations/text.ts';
import { readServiceConfiguration, type ServiceConfiguration } from '../configuration.ts';
import { serviceErrors } from '../service-errors.ts';
import { parseWords } from '../words.ts';
import type { Command } from './command.ts';

const texts = {
  applied: { en: 'Applied: {names}', zh: '已应用：{names}' },
  none: { en: 'The catalogue is up to date.', zh: '目录数据库已是最新。' },
};

/** Migrations wait for a lock that another replica may hold for as long. */
const withinMs = 300_000;

export const migrateCommand: Command = {
  name: 'migrate',
  usage: 'migrate [--check]',
  summary: { en: 'bring the catalogue to this release (--check: only say whether it is)', zh: '将目录数据库升级到此版本（--check：仅检查）' },
  async run(words, { environment, folder, language, stdout }) {
    const { values } = parseWords(words, { check: { type: 'boolean' } });
    const catalog = await openCatalogOf(readServiceConfiguration(environment, { folder }));
    const waiting = { signal: AbortSignal.timeout(withinMs) };
    try {
      const { pending } = await catalog.migrations(waiting);
      if (values.check === true && pending.length > 0) throw serviceErrors.CATALOG_BEHIND({ pending: pending.join(', ') });
      const applied = values.check === true ? [] : await catalog.migrate(waiting);
      stdout.write(`${applied.length === 0 ? texts.none[language] : renderText(texts.applied, language, { names: applied.join(', ') })}\n`);
      return 0;
    } finally {
      await catalog.close();
    }
  },
};

/** The catalogue, for a command: a few connections are plenty. */
export async function openCatalogOf({ catalogUrl, variables }: ServiceConfiguration) {
  return openCatalog({
    url: catalogUrl,
    log: createLogger({ level: 'warn', name: 'holdfast' }),
    maxConnections: 2,
    ...(variables.HOLDFAST_CATALOG_PASSWORD !== undefined && { password: variables.HOLDFAST_CATALOG_PASSWORD }),
  });
}
