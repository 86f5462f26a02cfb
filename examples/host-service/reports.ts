import { reportErrors } from 'holdfast/operations/business-errors/report-errors';
import { validate } from 'holdfast/operations/http/validate';
import { apiHandler, guarded } from 'holdfast/operations/http/wrap-handler';
import { z } from 'zod';
import type { AddRoutes } from './area.ts';

const Year = z.strictObject({ year: z.coerce.number().int().min(2000).max(2100) });

interface Income {
  readonly bills: number;
  /** In fen, like what is settled of it. */
  readonly billed: number;
  readonly settled: number;
}

export const addReportRoutes: AddRoutes = (router, { books, guard }) => {
  const incomeOf = guarded(reportErrors.REPORT_ERROR, { task: 'report of income', ...guard }, (year: number) => {
    const { bills, ...income } = books.prepare('select count(*) as bills, sum(due) as billed, sum(due * settled) as settled from bill where year = ?').get(year) as unknown as Income;
    if (bills === 0) throw reportErrors.REPORT_DATA_MISSING({ period: year });
    return income;
  });

  router.get('/api/reports/income', apiHandler(reportErrors.REPORT_ERROR, async (ctx) => {
    ctx.body = await incomeOf(validate(Year, { ...ctx.query }).year);
  }));
};
