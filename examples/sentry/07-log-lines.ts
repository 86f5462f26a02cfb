import { createLogger } from '../../src/operations/logging.ts';

/** Nothing to do: log lines of level info and above are breadcrumbs. An error line alone is no report. */
export async function syncNotifications(): Promise<void> {
  const log = createLogger({ level: 'info', name: 'shop' }, { write: () => undefined });
  log.info({ pending: 12 }, 'sending notifications');
  log.error({ recipient: 'u-9' }, 'the gateway refused one');
  throw new Error('the gateway answered with an empty page');
}
