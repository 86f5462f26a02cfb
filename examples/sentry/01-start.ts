import { startErrorTracking } from '../../src/operations/sentry/start-error-tracking.ts';

/** A main: tracking first, then the application, so that koa and pg are instrumented as they load. */
export async function main(environment: NodeJS.ProcessEnv): Promise<void> {
  const tracking = await startErrorTracking(environment);
  const { createShop } = await import('./02-application.ts');
  createShop(tracking).listen(0).close();
}
