import { defineErrorFamily } from '../errors.ts';

/** Errors of bills, payments and accounts. `FINANCE_ERROR` stands for every failure of the area that nobody foresaw. */
export const financeErrors = defineErrorFamily({
  FINANCE_ERROR: {
    category: 'business_logic',
    status: 500,
    retryable: false,
    message: { en: 'The financial operation could not be completed', zh: '财务操作失败' },
    hint: { en: 'Nothing was booked. Try again later, or tell the operators the error’s id.', zh: '未产生任何记账。请稍后重试，或把错误编号告诉运维人员。' },
  },
  BILL_NOT_FOUND: {
    category: 'not_found',
    status: 404,
    retryable: false,
    message: { en: 'There is no bill {bill}', zh: '账单 {bill} 不存在' },
    hint: { en: 'Check the number and the accounting period.', zh: '请检查账单号和账期。' },
  },
  BILL_SETTLED: {
    category: 'business_logic',
    status: 409,
    retryable: false,
    message: { en: 'Bill {bill} is settled already', zh: '账单 {bill} 已结清' },
    hint: { en: 'Read the bill again; to correct it, reverse the payment first.', zh: '请重新读取账单；如需更正，请先冲销付款。' },
  },
  PAYMENT_AMOUNT_DIFFERS: {
    category: 'business_logic',
    status: 422,
    retryable: false,
    message: { en: 'The payment is {paid}, the bill says {due}', zh: '付款金额为 {paid}，账单金额为 {due}' },
    hint: { en: 'Correct the amount, or book the difference as a part payment.', zh: '请更正金额，或将差额登记为部分付款。' },
  },
  BALANCE_INSUFFICIENT: {
    category: 'business_logic',
    status: 409,
    retryable: false,
    message: { en: 'The account holds {balance}, which is less than {amount}', zh: '账户余额 {balance} 不足 {amount}' },
    hint: { en: 'Pay in first, or choose another account.', zh: '请先充值，或选择其他账户。' },
  },
  PERIOD_CLOSED: {
    category: 'business_logic',
    status: 409,
    retryable: false,
    message: { en: 'The accounting period {period} is closed', zh: '账期 {period} 已关账' },
    hint: { en: 'Book into the open period, or ask the accountant to open this one again.', zh: '请记入当前账期，或请会计重新打开该账期。' },
  },
});
