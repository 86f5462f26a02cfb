import { defineErrorFamily } from '../operations/errors.ts';

/** What can be wrong with a repository as a whole: it is missing, of another key, of a newer format. */
export const repositoryErrors = defineErrorFamily({
  REPOSITORY_EXISTS: {
    category: 'safety',
    status: 409,
    retryable: false,
    message: { en: 'There is a repository in {store} already', zh: '{store} 中已有仓库' },
    hint: { en: 'Use it as it is, or choose another address. Nothing was changed.', zh: '请直接使用它，或选择其他地址。未作任何更改。' },
  },
  REPOSITORY_DOCUMENT_MISSING: {
    category: 'integrity',
    status: 409,
    retryable: false,
    message: {
      en: 'In {store} there are backups ({head}), but the repository.json of their repository is missing',
      zh: '{store} 中有备份（{head}），但其仓库的 repository.json 缺失',
    },
    hint: {
      en: 'Put back a copy of repository.json: a new one could not read them. Or choose another address. Nothing was changed.',
      zh: '请放回 repository.json 的副本：新的文件无法读取这些备份；或选择其他地址。未作任何更改。',
    },
  },
  REPOSITORY_NOT_FOUND: {
    category: 'store',
    status: 404,
    retryable: false,
    message: { en: 'There is no repository in {store}', zh: '{store} 中没有仓库' },
    hint: { en: 'Check the address; `holdfast init` creates a repository there.', zh: '请检查地址；`holdfast init` 可在该处创建仓库。' },
  },
  REPOSITORY_FORMAT_NEWER: {
    category: 'store',
    status: 500,
    retryable: false,
    message: { en: 'The repository in {store} has format {format}; this version reads format {known}', zh: '{store} 中的仓库格式为 {format}；此版本只能读取格式 {known}' },
    hint: { en: 'Use the newer version of Holdfast that wrote it.', zh: '请使用写入它的较新版本 Holdfast。' },
  },
  REPOSITORY_DAMAGED: {
    category: 'integrity',
    status: 500,
    retryable: false,
    message: { en: 'repository.json in {store} is damaged: {reason}', zh: '{store} 中的 repository.json 已损坏：{reason}' },
    hint: {
      en: 'Put back a copy of repository.json; the backups beside it are untouched.',
      zh: '请放回 repository.json 的副本；旁边的备份不受影响。',
    },
  },
  REPOSITORY_REPLACED: {
    category: 'integrity',
    status: 500,
    retryable: false,
    message: {
      en: 'repository.json in {store} is that of another repository: none of the {count} backups there belongs to it',
      zh: '{store} 中的 repository.json 属于另一个仓库：该处的 {count} 个备份均不属于它',
    },
    hint: {
      en: 'Put back the repository.json with which these backups were made, or choose another address. Nothing was written.',
      zh: '请放回创建这些备份时的 repository.json，或选择其他地址。未写入任何内容。',
    },
  },
  REPOSITORY_KEY_REQUIRED: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'The repository in {store} is encrypted and no key was given', zh: '{store} 中的仓库已加密，但未提供密钥' },
    hint: {
      en: 'Set HOLDFAST_REPOSITORY_KEY_FILE, or HOLDFAST_IDENTITY_FILE from which the key can be recovered.',
      zh: '请设置 HOLDFAST_REPOSITORY_KEY_FILE，或可从中恢复密钥的 HOLDFAST_IDENTITY_FILE。',
    },
  },
  REPOSITORY_KEYS_INCOMPLETE: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'An encrypted repository in {store} needs a repository key and at least one recipient', zh: '在 {store} 创建加密仓库需要仓库密钥和至少一个接收者' },
    hint: {
      en: '`holdfast keygen` makes both; give them by HOLDFAST_REPOSITORY_KEY_FILE and HOLDFAST_RECIPIENTS_FILE.',
      zh: '`holdfast keygen` 会生成两者；请通过 HOLDFAST_REPOSITORY_KEY_FILE 和 HOLDFAST_RECIPIENTS_FILE 提供。',
    },
  },
  REPOSITORY_KEY_MISMATCH: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'The repository in {store} was made with another repository key', zh: '{store} 中的仓库使用的是另一个仓库密钥' },
    hint: {
      en: 'Give the key that belongs to this repository, or check the address. If both are right, repository.json was changed.',
      zh: '请提供属于该仓库的密钥，或检查地址。若两者都正确，则 repository.json 已被改动。',
    },
  },
  REPOSITORY_NOT_ENCRYPTED: {
    category: 'store',
    status: 500,
    retryable: false,
    message: { en: 'The repository in {store} is not encrypted, but keys or recipients were given', zh: '{store} 中的仓库未加密，但提供了密钥或接收者' },
    hint: {
      en: 'Check the address. To encrypt, create a new repository with `holdfast init`; to go on without, leave the keys out.',
      zh: '请检查地址。如需加密，请用 `holdfast init` 新建仓库；如不加密，请不要提供密钥。',
    },
  },
  REPOSITORY_RECIPIENTS_MISMATCH: {
    category: 'store',
    status: 500,
    retryable: false,
    message: { en: 'The recipients given are not those of the repository in {store}', zh: '所提供的接收者与 {store} 中的仓库不一致' },
    hint: {
      en: 'Give exactly the recipients that `holdfast init` was given. Nothing was written.',
      zh: '请提供与 `holdfast init` 时完全相同的接收者。未写入任何内容。',
    },
  },
  REPOSITORY_RECIPIENTS_REQUIRED: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'To write into the encrypted repository in {store}, its recipients are needed', zh: '向 {store} 中的加密仓库写入需要其接收者' },
    hint: { en: 'Set HOLDFAST_RECIPIENTS or HOLDFAST_RECIPIENTS_FILE.', zh: '请设置 HOLDFAST_RECIPIENTS 或 HOLDFAST_RECIPIENTS_FILE。' },
  },
  REPOSITORY_IDENTITY_REQUIRED: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'To read backups of the encrypted repository in {store}, an identity is needed', zh: '读取 {store} 中加密仓库的备份需要身份（私钥）' },
    hint: { en: 'Set HOLDFAST_IDENTITY_FILE to the file that `holdfast keygen` wrote.', zh: '请将 HOLDFAST_IDENTITY_FILE 设为 `holdfast keygen` 所写的文件。' },
  },
});
