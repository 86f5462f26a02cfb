import { Router } from '@koa/router';
import type { ServiceState } from '../../src/operations/http/service.ts';

/** Nothing to do in a handler: what it throws unexpectedly is answered as INTERNAL_ERROR under an error_id that the event bears. */
export const invoices = new Router<ServiceState>();

invoices.get('/invoices/:id', () => {
  const invoice: { readonly lines?: readonly { readonly cents: number }[] } = JSON.parse('{}') as object;
  // The bug: an invoice without lines.
  throw new TypeError(`${typeof invoice.lines} has no lines`);
});
