import { defineErrorFamily } from '../../src/operations/errors.ts';

/** Why a drill could not run. None of them says anything of the backup, so none is of the category `integrity`. */
export const drillErrors = defineErrorFamily({
  DRILL_SPACE_MISSING: {
    category: 'usage',
    status: 507,
    retryable: false,
    message: { en: 'The drill needs about {needed} bytes in {scratch}, of which {free} are free', zh: '演练在 {scratch} 中约需 {needed} 字节，可用 {free} 字节' },
    hint: {
      en: 'Nothing was restored. Free space, or name a larger folder by --scratch.',
      zh: '未恢复任何内容。请释放空间，或用 --scratch 指定更大的目录。',
    },
  },
  DRILL_SCRATCH_UNUSABLE: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'The drill cannot work in the folder {scratch}: {reason}', zh: '演练无法在目录 {scratch} 中进行：{reason}' },
    hint: {
      en: 'Name a folder of a short path by --scratch that exists and that this user may write to; run as root, the user of the throw-away server must be able to enter it, too.',
      zh: '请用 --scratch 指定一个路径较短、已存在且当前用户可写的目录；以 root 运行时，临时服务器所用的用户也须能进入该目录。',
    },
  },
  DRILL_PROGRAMS_MISSING: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: {
      en: 'The drill needs the PostgreSQL server programs of version {version} or newer; looked in {folders}',
      zh: '演练需要 {version} 或更高版本的 PostgreSQL 服务器程序；已查找 {folders}',
    },
    hint: {
      en: 'Install the package postgresql-{version} (or newer), or name the folder that holds initdb and postgres by HOLDFAST_POSTGRES_BIN.',
      zh: '请安装软件包 postgresql-{version}（或更高版本），或用 HOLDFAST_POSTGRES_BIN 指定 initdb 与 postgres 所在目录。',
    },
  },
  DRILL_USER_MISSING: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'PostgreSQL refuses to run as root, and there is no user {users} to run it as', zh: 'PostgreSQL 拒绝以 root 运行，且没有用户 {users} 可供使用' },
    hint: { en: 'Run the drill as another user than root.', zh: '请以非 root 用户运行演练。' },
  },
  DRILL_SERVER_FAILED: {
    category: 'source',
    status: 500,
    retryable: false,
    message: { en: 'The throw-away server did not start: {reason}', zh: '临时服务器未能启动：{reason}' },
    hint: {
      en: 'The drill says nothing of the backup. The lines above are the server’s own: remove the cause and run it again.',
      zh: '此次演练未对备份得出结论。以上为服务器自身的输出：请排除原因后重新运行。',
    },
  },
  DRILL_SERVER_LOST: {
    category: 'source',
    status: 500,
    retryable: true,
    message: { en: 'The throw-away server ended in the middle of the drill: {reason}', zh: '临时服务器在演练途中退出：{reason}' },
    hint: {
      en: 'The drill says nothing of the backup. Memory or space that ran out is the usual cause; run it again with more.',
      zh: '此次演练未对备份得出结论。常见原因是内存或空间耗尽；请增加后重新运行。',
    },
  },
  DRILL_ASSERTIONS_INVALID: {
    category: 'usage',
    status: 400,
    retryable: false,
    message: { en: 'The assertions cannot be read as SQL: {reason} in line {line}', zh: '断言无法按 SQL 读取：第 {line} 行{reason}' },
    hint: {
      en: 'Write SQL statements that end with a semicolon, without commands of psql or sqlite3.',
      zh: '请编写以分号结尾的 SQL 语句，不要使用 psql 或 sqlite3 的命令。',
    },
  },
});
