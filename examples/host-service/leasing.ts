import type { ServiceOptions } from 'holdfast/operations';
import { probeCheck } from 'holdfast/operations/health/probe-check';
import type { Books } from './books.ts';
import { addContractRoutes } from './contracts.ts';
import { addFinanceRoutes } from './finance.ts';
import { addNotificationRoutes } from './notifications.ts';
import { addOperationRoutes } from './operation.ts';
import { addReportRoutes } from './reports.ts';
import { addShopRoutes } from './shops.ts';

/** The back office's own half of the service: its routes, the check of its database, what is to be closed at the end. */
export function leasing(books: Books): Pick<ServiceOptions, 'routes' | 'checks' | 'parts'> {
  return {
    routes: (router, { log, tracking }) => {
      const area = { books, guard: { log, report: tracking.report } };
      for (const add of [addContractRoutes, addFinanceRoutes, addNotificationRoutes, addOperationRoutes, addShopRoutes, addReportRoutes]) add(router, area);
    },
    checks: [probeCheck({ name: 'database', critical: true, intervalMs: 1_000, probe: async () => Promise.resolve(books.prepare('select 1').get()) })],
    parts: [{ name: 'books', stop: () => { books.close(); } }],
  };
}
