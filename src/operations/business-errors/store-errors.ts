import { defineErrorFamily } from '../errors.ts';

/**
 * Errors of the chain's shops. `STORE_ERROR` stands for every failure of the area that nobody foresaw; the others speak of shops,
 * as `STORE_*` is what a repository's stores of backups say.
 */
export const storeErrors = defineErrorFamily({
  STORE_ERROR: {
    category: 'business_logic',
    status: 500,
    retryable: false,
    message: { en: 'The shop could not be processed', zh: '门店处理失败' },
    hint: { en: 'Try again later. If it stays, tell the operators the error’s id.', zh: '请稍后重试。如果问题依旧，请把错误编号告诉运维人员。' },
  },
  SHOP_NOT_FOUND: {
    category: 'not_found',
    status: 404,
    retryable: false,
    message: { en: 'There is no shop {shop}', zh: '门店 {shop} 不存在' },
    hint: { en: 'Check the shop’s code.', zh: '请检查门店编号。' },
  },
  SHOP_CODE_TAKEN: {
    category: 'business_logic',
    status: 409,
    retryable: false,
    message: { en: 'The code {code} belongs to another shop', zh: '编号 {code} 已被其他门店使用' },
    hint: { en: 'Choose a code that is free.', zh: '请使用未被占用的编号。' },
  },
  SHOP_CLOSED: {
    category: 'business_logic',
    status: 409,
    retryable: false,
    message: { en: 'Shop {shop} closed on {date}', zh: '门店 {shop} 已于 {date} 关闭' },
    hint: { en: 'Open it again first, or choose another shop.', zh: '请先重新开业，或选择其他门店。' },
  },
  SHOP_HAS_CONTRACTS: {
    category: 'business_logic',
    status: 409,
    retryable: false,
    message: { en: 'Shop {shop} has {count} contracts that are in force', zh: '门店 {shop} 还有 {count} 份生效中的合同' },
    hint: { en: 'End or transfer the contracts, then close the shop.', zh: '请先终止或转移合同，再关闭门店。' },
  },
});
