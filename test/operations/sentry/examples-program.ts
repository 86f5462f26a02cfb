import type { AddressInfo } from 'node:net';
import { startErrorTracking } from '../../../src/operations/sentry/start-error-tracking.ts';
import type { ErrorTracking } from '../../../src/operations/sentry/error-tracking.ts';

/** Runs every example of docs/sentry.md for real, each as a task of its own that carries the example's name. */
const tracking = await startErrorTracking(process.env);

async function example(name: string, work: (tracking: ErrorTracking) => Promise<unknown>): Promise<void> {
  await tracking.runTask({ queue: 'example', id: name }, () => work(tracking)).catch(() => undefined);
}

const { main } = await import('../../../examples/sentry/01-start.ts');
const { createShop } = await import('../../../examples/sentry/02-application.ts');
const { bookPayment } = await import('../../../examples/sentry/03-report-with-facts.ts');
const { terminateContract } = await import('../../../examples/sentry/04-tag-a-request.ts');
const { calculateRent } = await import('../../../examples/sentry/05-attach-facts.ts');
const { importStores } = await import('../../../examples/sentry/06-breadcrumbs.ts');
const { syncNotifications } = await import('../../../examples/sentry/07-log-lines.ts');
const { renderReport } = await import('../../../examples/sentry/08-measure-a-piece.ts');
const { publishMail, sendMail } = await import('../../../examples/sentry/10-queue.ts');
const { closeBooks } = await import('../../../examples/sentry/11-schedule.ts');
const { remindTenants } = await import('../../../examples/sentry/12-schedule-by-outcome.ts');
const { letStore } = await import('../../../examples/sentry/13-expected-error.ts');
const { invoices } = await import('../../../examples/sentry/14-handler.ts');
const { warmCaches } = await import('../../../examples/sentry/15-background.ts');
const { connectBank } = await import('../../../examples/sentry/16-secrets.ts');
const { stopService } = await import('../../../examples/sentry/17-shutdown.ts');

await main(process.env);
await example('03', bookPayment);
await example('04', terminateContract);
await example('05', calculateRent);
await example('06', importStores);
await example('07', syncNotifications);
await example('08', renderReport);
await example('10', () => publishMail(tracking, (mail) => sendMail(tracking, mail).catch(() => undefined)));
await example('11', closeBooks);
await example('12', remindTenants);
await example('13', letStore);
await example('15', warmCaches);
await example('16', connectBank);

const server = createShop(tracking, invoices).listen(0, '127.0.0.1');
await new Promise((resolve) => { server.once('listening', resolve); });
await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/invoices/7`);
await stopService(tracking, [
  { stop: () => new Promise((resolve) => { server.close(() => { resolve(); }); server.closeAllConnections(); }) },
]);
