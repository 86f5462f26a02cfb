import { describe, expect, it } from '@jest/globals';
import { contractErrors } from '../../../src/operations/business-errors/contract-errors.ts';
import { financeErrors } from '../../../src/operations/business-errors/finance-errors.ts';
import { notificationErrors } from '../../../src/operations/business-errors/notification-errors.ts';
import { operationErrors } from '../../../src/operations/business-errors/operation-errors.ts';
import { reportErrors } from '../../../src/operations/business-errors/report-errors.ts';
import { storeErrors } from '../../../src/operations/business-errors/store-errors.ts';

describe('the business families', () => {
  it.each([
    ['CONTRACT_ERROR', contractErrors.CONTRACT_ERROR({})],
    ['FINANCE_ERROR', financeErrors.FINANCE_ERROR({})],
    ['NOTIFICATION_ERROR', notificationErrors.NOTIFICATION_ERROR({})],
    ['STORE_ERROR', storeErrors.STORE_ERROR({})],
    ['OPERATION_ERROR', operationErrors.OPERATION_ERROR({})],
    ['REPORT_ERROR', reportErrors.REPORT_ERROR({})],
  ])('have an error that stands for their whole area: %s', (code, error) => {
    expect(error).toMatchObject({ code, category: 'business_logic', status: 500 });
  });
});
