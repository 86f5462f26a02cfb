import { financeErrors } from 'holdfast/operations/business-errors/finance-errors';
import { validate } from 'holdfast/operations/http/validate';
import { apiHandler, guarded } from 'holdfast/operations/http/wrap-handler';
import { z } from 'zod';
import type { AddRoutes } from './area.ts';

/** Amounts are in fen, so that they are whole. */
const Payment = z.strictObject({ amount: z.int().positive() });

export const addFinanceRoutes: AddRoutes = (router, { books, guard }) => {
  const settle = guarded(financeErrors.FINANCE_ERROR, { task: 'settle bill', ...guard }, (bill: string, paid: number) => {
    const found = books.prepare('select due, settled from bill where id = ?').get(bill) as { due: number; settled: 0 | 1 } | undefined;
    if (found === undefined) throw financeErrors.BILL_NOT_FOUND({ bill });
    if (found.settled === 1) throw financeErrors.BILL_SETTLED({ bill });
    if (found.due !== paid) throw financeErrors.PAYMENT_AMOUNT_DIFFERS({ paid, due: found.due });
    books.prepare('update bill set settled = 1 where id = ?').run(bill);
    return { bill, settled: true };
  });

  router.post('/api/bills/:bill/payments', apiHandler(financeErrors.FINANCE_ERROR, async (ctx) => {
    const { amount } = validate(Payment, ctx.request.body);
    ctx.body = await settle(String(ctx['params'].bill), amount);
  }));
};
