import { defineErrorFamily } from '../../operations/errors.ts';

/**
 * What can go wrong between raw bytes and stored ones. `object` is a key in the store; `line` counts from 1 and the line
 * itself is never shown: it may be a secret in the wrong variable.
 */
export const encodingErrors = defineErrorFamily({
  OBJECT_CORRUPT: {
    category: 'integrity',
    status: 500,
    retryable: false,
    message: { en: 'The object {object} is not what was stored: {reason}', zh: '对象 {object} 与存入时不一致：{reason}' },
    hint: {
      en: 'The store damaged it or somebody changed it. Restore another backup, and run `holdfast verify` to see which ones are whole.',
      zh: '该对象已被存储损坏或被人改动。请恢复其他备份，并运行 `holdfast verify` 查看哪些备份完好。',
    },
  },
  PART_MISSING: {
    category: 'integrity',
    status: 500,
    retryable: false,
    message: { en: 'The backup needs the part {object}, but the store does not hold it', zh: '备份需要部件 {object}，但存储中没有它' },
    hint: {
      en: 'Somebody deleted it from the store. Restore another backup, and run `holdfast verify` to see which ones are whole.',
      zh: '它已被人从存储中删除。请恢复其他备份，并运行 `holdfast verify` 查看哪些备份完好。',
    },
  },
  DECRYPTION_REFUSED: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'None of the identities given decrypts {object}', zh: '所给的身份密钥都无法解密 {object}' },
    hint: {
      en: 'Set HOLDFAST_IDENTITY or HOLDFAST_IDENTITY_FILE to the identity of one of the recipients that the repository is encrypted to.',
      zh: '请将 HOLDFAST_IDENTITY 或 HOLDFAST_IDENTITY_FILE 设为该仓库某个收件人对应的身份密钥。',
    },
  },
  RECIPIENT_MISSING: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'There is no recipient to encrypt to', zh: '没有可用于加密的收件人' },
    hint: {
      en: 'Set HOLDFAST_RECIPIENTS or HOLDFAST_RECIPIENTS_FILE to the recipients that the repository is encrypted to.',
      zh: '请将 HOLDFAST_RECIPIENTS 或 HOLDFAST_RECIPIENTS_FILE 设为该仓库加密所用的收件人。',
    },
  },
  RECIPIENT_INVALID: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'Line {line} of the recipients is not an age recipient: {reason}', zh: '收件人第 {line} 行不是有效的 age 收件人：{reason}' },
    hint: {
      en: 'HOLDFAST_RECIPIENTS holds one `age1…` a line, as `holdfast keygen` or `age-keygen` prints it.',
      zh: 'HOLDFAST_RECIPIENTS 每行一个 `age1…`，由 `holdfast keygen` 或 `age-keygen` 生成。',
    },
  },
  IDENTITY_INVALID: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'Line {line} of the identities is not an age identity: {reason}', zh: '身份密钥第 {line} 行不是有效的 age 身份密钥：{reason}' },
    hint: {
      en: 'HOLDFAST_IDENTITY holds one `AGE-SECRET-KEY-1…` a line, as `holdfast keygen` or `age-keygen` writes it.',
      zh: 'HOLDFAST_IDENTITY 每行一个 `AGE-SECRET-KEY-1…`，由 `holdfast keygen` 或 `age-keygen` 生成。',
    },
  },
  REPOSITORY_KEY_INVALID: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'The repository key is not 64 hexadecimal digits', zh: '仓库密钥不是 64 位十六进制数字' },
    hint: {
      en: 'Set HOLDFAST_REPOSITORY_KEY or HOLDFAST_REPOSITORY_KEY_FILE to the key that `holdfast keygen` wrote.',
      zh: '请将 HOLDFAST_REPOSITORY_KEY 或 HOLDFAST_REPOSITORY_KEY_FILE 设为 `holdfast keygen` 生成的密钥。',
    },
  },
});
