import { contractErrors } from 'holdfast/operations/business-errors/contract-errors';
import { financeErrors } from 'holdfast/operations/business-errors/finance-errors';
import { notificationErrors } from 'holdfast/operations/business-errors/notification-errors';
import { operationErrors } from 'holdfast/operations/business-errors/operation-errors';
import { reportErrors } from 'holdfast/operations/business-errors/report-errors';
import { storeErrors } from 'holdfast/operations/business-errors/store-errors';
import type { CataloguedFamily } from 'holdfast/operations/http/error-catalogue';

/** The areas of the back office, for its catalogue at `/errors`. */
export const errorFamilies: readonly CataloguedFamily[] = [
  { area: { en: 'Contracts', zh: '合同' }, definitions: contractErrors.definitions },
  { area: { en: 'Finance', zh: '财务' }, definitions: financeErrors.definitions },
  { area: { en: 'Notifications', zh: '通知' }, definitions: notificationErrors.definitions },
  { area: { en: 'Operation', zh: '运营' }, definitions: operationErrors.definitions },
  { area: { en: 'Shops', zh: '门店' }, definitions: storeErrors.definitions },
  { area: { en: 'Reports', zh: '报表' }, definitions: reportErrors.definitions },
];
