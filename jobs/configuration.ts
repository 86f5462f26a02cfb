import { z } from 'zod';
import { defineErrorFamily } from '../src/operations/errors.ts';
import { type Environment, readConfiguration } from '../src/operations/configuration.ts';
import { parseDuration } from '../src/operations/format.ts';
import { logLevels } from '../src/operations/logging.ts';
import { type Language, languageOfLocale, languages, type Text } from '../src/operations/text.ts';
import { SourceName } from '../src/repository/manifest/manifest.ts';
import { defaultLockWait, lockWaitActions } from './engines/lock-wait.ts';

/** One setting of a job: its variable (`<variable>_FILE` names a file that holds the value) and its option. */
export interface Setting {
  readonly schema: z.ZodType;
  /** Commander's notation. A secret's option takes the path of a file, never the value. */
  readonly flags: string;
  readonly holdsSecret?: true;
  readonly description: Text;
}

const positive = z.coerce.number().int().positive();
const yesOrNo = z.stringbool();

/** Milliseconds of `60s` and its like. */
const duration = z.string().transform((text, context) => {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined || milliseconds === 0) context.addIssue({ code: 'custom', message: 'use a number and s, m, h, d or w: 60s' });
  return milliseconds ?? z.NEVER;
});

/** Every variable that a job reads, written once: the names, their options, their meaning. */
export const settings = {
  HOLDFAST_REPOSITORY: {
    schema: z.string().optional(),
    flags: '--repository <address>',
    description: { en: 'where backups live: file:///path or s3://bucket/prefix', zh: '备份所在仓库：file:///路径 或 s3://存储桶/前缀' },
  },
  HOLDFAST_SOURCE: {
    schema: z.string().optional(),
    flags: '--source <address>',
    description: { en: 'the database: postgres://user@host/db or sqlite:///path (no password here)', zh: '数据库：postgres://user@host/db 或 sqlite:///路径（此处不写密码）' },
  },
  HOLDFAST_SOURCE_NAME: {
    schema: SourceName.optional(),
    flags: '--source-name <name>',
    description: { en: "the source's name in the repository (default: the database's)", zh: '该来源在仓库中的名称（默认：数据库名）' },
  },
  HOLDFAST_TARGET: {
    schema: z.string().optional(),
    flags: '--to <address>',
    description: { en: 'the database to restore into (default: a new one beside the source)', zh: '恢复到的数据库（默认：来源旁的新库）' },
  },
  HOLDFAST_REPOSITORY_KEY: {
    schema: z.string().optional(),
    flags: '--repository-key-file <path>',
    holdsSecret: true,
    description: { en: 'file with the repository key', zh: '仓库密钥文件' },
  },
  HOLDFAST_RECIPIENTS: {
    schema: z.string().optional(),
    flags: '--recipients-file <path>',
    holdsSecret: true,
    description: { en: 'file with the age recipients that backups are encrypted to', zh: '备份加密所用 age 接收者文件' },
  },
  HOLDFAST_IDENTITY: {
    schema: z.string().optional(),
    flags: '--identity-file <path>',
    holdsSecret: true,
    description: { en: 'file with the age identity that decrypts (restore, show, export)', zh: '用于解密的 age 身份文件（恢复、查看、导出）' },
  },
  HOLDFAST_S3_ENDPOINT: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    flags: '--s3-endpoint <url>',
    description: { en: 'endpoint of an S3-compatible server', zh: 'S3 兼容服务的端点' },
  },
  HOLDFAST_S3_REGION: {
    schema: z.string().optional(),
    flags: '--s3-region <region>',
    description: { en: "the bucket's region", zh: '存储桶所在区域' },
  },
  HOLDFAST_S3_PATH_STYLE: {
    schema: yesOrNo.optional(),
    flags: '--s3-path-style <yes|no>',
    description: { en: 'put the bucket in the path, not the host (default: yes with an endpoint)', zh: '将桶名放在路径而非主机名中（设定端点时默认 yes）' },
  },
  HOLDFAST_S3_CA_FILE: {
    schema: z.string().optional(),
    flags: '--s3-ca-file <path>',
    description: { en: "PEM file with the S3 server's certificate authority", zh: 'S3 服务 CA 证书 PEM 文件' },
  },
  HOLDFAST_CONNECTIONS: {
    schema: positive.max(64).default(4),
    flags: '--connections <n>',
    description: { en: 'connections to the database side by side (default 4)', zh: '并行数据库连接数（默认 4）' },
  },
  HOLDFAST_COMPRESSION_LEVEL: {
    schema: positive.max(19).default(2),
    flags: '--compression-level <n>',
    description: { en: 'zstd level, 1 to 19 (default 2)', zh: 'zstd 级别，1 到 19（默认 2）' },
  },
  HOLDFAST_LOCK_WAIT_LIMIT: {
    schema: duration.default(defaultLockWait.limitMs),
    flags: '--lock-wait-limit <time>',
    description: { en: 'PostgreSQL: how long a session may wait behind the locks of a backup (default 60s)', zh: 'PostgreSQL：其他会话等待备份所持锁的时限（默认 60s）' },
  },
  HOLDFAST_LOCK_WAIT_ACTION: {
    schema: z.enum(lockWaitActions).default(defaultLockWait.action),
    flags: '--lock-wait-action <warn|yield|abort>',
    description: { en: 'what a backup does past that limit: warn, yield (let it pass, start over) or abort (default yield)', zh: '超过时限后：warn 仅警告、yield 让行并重新开始、abort 结束（默认 yield）' },
  },
  HOLDFAST_POSTGRES_BIN: {
    schema: z.string().optional(),
    flags: '--postgres-bin <folders>',
    description: { en: 'folders with PostgreSQL client programs, separated by colons', zh: 'PostgreSQL 客户端程序目录，以冒号分隔' },
  },
  HOLDFAST_RESULT_FILE: {
    schema: z.string().optional(),
    flags: '--result-file <path>',
    description: { en: 'also write the result as JSON of at most 4 KiB (Kubernetes: /dev/termination-log)', zh: '另将结果写为不超过 4 KiB 的 JSON（Kubernetes：/dev/termination-log）' },
  },
  HOLDFAST_LOG_LEVEL: {
    schema: z.enum(logLevels).optional(),
    flags: '--log-level <level>',
    description: { en: 'trace, debug, info, warn, error, fatal or silent (default: info; warn on a terminal)', zh: 'trace、debug、info、warn、error、fatal 或 silent（默认 info；终端上为 warn）' },
  },
  HOLDFAST_LANGUAGE: {
    schema: z.enum(languages).optional(),
    flags: '--language <en|zh>',
    description: { en: 'language of messages (default: from the locale)', zh: '消息语言（默认取自区域设置）' },
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;

type SettingSchemas = { readonly [Name in SettingName]: (typeof settings)[Name]['schema'] };

const JobEnvironment = z.object(
  Object.fromEntries(Object.entries(settings).map(([name, setting]) => [name, setting.schema])) as SettingSchemas,
);
export type JobConfiguration = z.infer<typeof JobEnvironment>;

/** Values given as options, by variable. A secret's value here is the path of its file. */
export type GivenOptions = Partial<Record<SettingName, string>>;

/**
 * The settings that a command uses, from environment and options together, the options winning. Others are as if not set:
 * what a command does not use cannot fail it. Throws CONFIGURATION_INVALID with every problem.
 */
export function readJobConfiguration(environment: Environment, given: GivenOptions, used: readonly SettingName[]): JobConfiguration {
  const merged = Object.fromEntries(used.flatMap((name) => [name, `${name}_FILE`]).map((name) => [name, environment[name]]));
  for (const [name, value] of Object.entries(given)) {
    const setting: Setting = settings[name as SettingName];
    merged[name] = setting.holdsSecret ? undefined : value;
    merged[`${name}_FILE`] = setting.holdsSecret ? value : undefined;
  }
  return readConfiguration(JobEnvironment, merged);
}

/** The reader's language, also where the rest of the configuration is broken. */
export function readLanguage(environment: Environment, given: GivenOptions): Language {
  const chosen = given.HOLDFAST_LANGUAGE ?? environment['HOLDFAST_LANGUAGE'];
  return languageOfLocale(chosen, environment['LC_ALL'], environment['LC_MESSAGES'], environment['LANG']);
}

export const optionErrors = defineErrorFamily({
  OPTION_HOLDS_PASSWORD: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'The address given as an option holds a password, which other users of this machine can see', zh: '选项中的地址含有密码，本机其他用户可以看到' },
    hint: {
      en: 'Leave it out and use PGPASSFILE, or put the whole address into {variable} or a file named by {variable}_FILE.',
      zh: '请去掉密码并使用 PGPASSFILE，或将完整地址写入 {variable} 或 {variable}_FILE 指定的文件。',
    },
  },
});

/** Arguments are visible to every user of a machine. Throws OPTION_HOLDS_PASSWORD. */
export function refuseSecretsInOptions(given: GivenOptions): void {
  for (const [variable, value] of Object.entries(given)) {
    if (/^[a-z0-9]+:\/\/[^/@]*:[^/@]+@/i.test(value) || /[?&]password=/i.test(value)) throw optionErrors.OPTION_HOLDS_PASSWORD({ variable });
  }
}
