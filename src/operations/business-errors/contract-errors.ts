import { defineErrorFamily } from '../errors.ts';

/** Errors of leasing contracts. `CONTRACT_ERROR` stands for every failure of the area that nobody foresaw. */
export const contractErrors = defineErrorFamily({
  CONTRACT_ERROR: {
    category: 'business_logic',
    status: 500,
    retryable: false,
    message: { en: 'The contract could not be processed', zh: '合同处理失败' },
    hint: { en: 'Try again later. If it stays, tell the operators the error’s id.', zh: '请稍后重试。如果问题依旧，请把错误编号告诉运维人员。' },
  },
  CONTRACT_NOT_FOUND: {
    category: 'not_found',
    status: 404,
    retryable: false,
    message: { en: 'There is no contract {contract}', zh: '合同 {contract} 不存在' },
    hint: { en: 'Check the number; contracts of other regions are not shown.', zh: '请检查合同编号；其他区域的合同不会显示。' },
  },
  CONTRACT_EXPIRED: {
    category: 'business_logic',
    status: 409,
    retryable: false,
    message: { en: 'Contract {contract} ended on {end}', zh: '合同 {contract} 已于 {end} 到期' },
    hint: { en: 'Renew it, or draw up a new contract.', zh: '请续签，或另立新合同。' },
  },
  CONTRACT_PERIOD_OVERLAPS: {
    category: 'business_logic',
    status: 409,
    retryable: false,
    message: { en: 'Unit {unit} is let to another tenant from {start} to {end}', zh: '铺位 {unit} 在 {start} 至 {end} 期间已租给其他租户' },
    hint: { en: 'Choose another period or another unit.', zh: '请选择其他租期或铺位。' },
  },
  CONTRACT_STATE_REFUSED: {
    category: 'business_logic',
    status: 409,
    retryable: false,
    message: { en: 'A contract that is {state} cannot be changed in this way', zh: '状态为“{state}”的合同不能进行此操作' },
    hint: { en: 'Look at the contract’s history; some steps need an approval first.', zh: '请查看合同记录；部分步骤需要先审批。' },
  },
  CONTRACT_DEPOSIT_MISSING: {
    category: 'business_logic',
    status: 422,
    retryable: false,
    message: { en: 'The deposit of {amount} for contract {contract} has not been paid', zh: '合同 {contract} 的保证金 {amount} 尚未缴纳' },
    hint: { en: 'Record the payment, then sign the contract.', zh: '请先登记缴款，再签订合同。' },
  },
});
