import { defineErrorFamily } from '../../operations/errors.ts';

/**
 * The bytes underneath a repository: a directory or a bucket. Keys are relative, `/`-separated, of `[A-Za-z0-9._/-]`.
 * Every call throws a storeErrors error: what happened, to which object, what to do. Transient trouble is retried inside.
 */
export interface Store {
  /** Where this is, for people: `file:///backups`, `s3://bucket/prefix`. Never holds a credential. */
  readonly url: string;

  /** The whole object. Throws STORE_OBJECT_MISSING. */
  get(key: string, options: StoreOptions): Promise<Buffer>;

  /**
   * Writes an object whole and confirms it: on return the store holds exactly these bytes (by its checksum, or read back)
   * and readers see all of them or none. Replaces an object of that key. Durable against a crash of the machine after `flush`.
   */
  put(key: string, content: Uint8Array, options: StoreOptions): Promise<void>;

  /**
   * Like `put`, but only if there is no object of that key, and durable on return. Throws STORE_OBJECT_EXISTS.
   * Where the store cannot hold the condition (`conditionalPut` is false) it looks first and then writes.
   */
  putIfAbsent(key: string, content: Uint8Array, options: StoreOptions): Promise<void>;

  /** Size and time of one object, undefined where there is none. */
  stat(key: string, options: StoreOptions): Promise<StoredObject | undefined>;

  /**
   * All objects whose key starts with `prefix` (which ends in `/`, or is empty), in no promised order. What a run that was
   * killed a moment ago left among them is made durable by the next `flush`, unless the caller does not rely on it.
   */
  list(prefix: string, options: ListOptions): AsyncIterable<StoredObject>;

  /** Deletes an object; one that is not there is no error. */
  delete(key: string, options: StoreOptions): Promise<void>;

  /** Makes all that this instance has put durable. */
  flush(options: StoreOptions): Promise<void>;

  /** Creates what must exist before the first put (the directory) and refuses what cannot be written to. */
  prepare(options: StoreOptions): Promise<void>;

  /** Tries whether the store itself refuses the second of two conditional puts; leaves no object. */
  detectConditionalPut(options: StoreOptions): Promise<boolean>;

  /** The time by the clock that stamps `modifiedAt`: this machine's clock may be wrong, ages must not be. */
  now(options: StoreOptions): Promise<Date>;

  close(): Promise<void>;
}

export interface StoreOptions {
  readonly signal: AbortSignal;
}

export interface ListOptions extends StoreOptions {
  /** Whether what is seen must be there after a crash of the machine; true where it is not given. */
  readonly relied?: boolean;
}

export interface StoredObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  readonly modifiedAt: Date;
}

export const storeErrors = defineErrorFamily({
  STORE_UNREACHABLE: {
    category: 'store',
    status: 502,
    retryable: true,
    message: { en: 'The store {store} cannot be reached: {reason}', zh: '无法连接存储 {store}：{reason}' },
    hint: {
      en: 'Check the address, the network and the certificate authority; then run the same command again.',
      zh: '请检查地址、网络和 CA 证书，然后重新运行同一命令。',
    },
  },
  STORE_REFUSED: {
    category: 'store',
    status: 502,
    retryable: false,
    message: { en: 'The store {store} refused to {operation} {key}: {reason}', zh: '存储 {store} 拒绝对 {key} 执行 {operation}：{reason}' },
    hint: {
      en: 'Check the credentials and that they permit this on the bucket or directory.',
      zh: '请检查凭据，以及它对该存储桶或目录是否有相应权限。',
    },
  },
  STORE_FULL: {
    category: 'store',
    status: 507,
    retryable: false,
    message: { en: 'The store {store} is full: {key} could not be written', zh: '存储 {store} 已满：无法写入 {key}' },
    hint: {
      en: 'Free or add space. No backup was recorded; `holdfast cleanup` and `holdfast prune` make room.',
      zh: '请释放或增加空间。未记录任何备份；`holdfast cleanup` 与 `holdfast prune` 可腾出空间。',
    },
  },
  STORE_FAILED: {
    category: 'store',
    status: 502,
    retryable: true,
    message: { en: 'The store {store} failed to {operation} {key}: {reason}', zh: '存储 {store} 对 {key} 执行 {operation} 失败：{reason}' },
    hint: {
      en: 'Run the same command again; if it persists, look at the store itself.',
      zh: '请重新运行同一命令；若持续失败，请检查存储本身。',
    },
  },
  STORE_LOST_WRITE: {
    category: 'integrity',
    status: 502,
    retryable: true,
    message: {
      en: 'The store {store} accepted {key} but does not give back what was written: {reason}',
      zh: '存储 {store} 接受了 {key}，但读回内容与写入内容不一致：{reason}',
    },
    hint: {
      en: 'Do not trust this store until its cause is found. No backup was recorded.',
      zh: '在查明原因之前不要信任该存储。未记录任何备份。',
    },
  },
  STORE_OBJECT_MISSING: {
    category: 'not_found',
    status: 404,
    retryable: false,
    message: { en: 'There is no object {key} in the store {store}', zh: '存储 {store} 中没有对象 {key}' },
    hint: { en: 'Check the repository address and the name.', zh: '请检查仓库地址和名称。' },
  },
  STORE_OBJECT_EXISTS: {
    category: 'safety',
    status: 409,
    retryable: false,
    message: { en: 'The store {store} already holds an object {key}', zh: '存储 {store} 已存在对象 {key}' },
    hint: { en: 'Nothing was overwritten. Another run may have written it.', zh: '未覆盖任何内容。可能由另一次运行写入。' },
  },
  STORE_NOT_FOUND: {
    category: 'store',
    status: 502,
    retryable: false,
    message: { en: 'The directory or bucket of the store {store} does not exist', zh: '存储 {store} 的目录或存储桶不存在' },
    hint: {
      en: 'Check the address and that the volume is mounted. `holdfast init` creates a directory; create a bucket with the tools of its service.',
      zh: '请检查地址以及卷是否已挂载。`holdfast init` 会创建目录；存储桶请用其服务自带的工具创建。',
    },
  },
  STORE_CREDENTIALS_MISSING: {
    category: 'store',
    status: 502,
    retryable: false,
    message: { en: 'There are no usable credentials for the store {store}', zh: '没有可用于存储 {store} 的凭据' },
    hint: {
      en: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give the pod a role (web identity).',
      zh: '请设置 AWS_ACCESS_KEY_ID 与 AWS_SECRET_ACCESS_KEY，或 AWS_PROFILE，或为 Pod 配置角色（Web Identity）。',
    },
  },
  STORE_ADDRESS_INVALID: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'The repository address {address} is not valid: {reason}', zh: '仓库地址 {address} 无效：{reason}' },
    hint: {
      en: 'Use file:///absolute/path or s3://bucket/prefix.',
      zh: '请使用 file:///绝对路径 或 s3://存储桶/前缀。',
    },
  },
});
