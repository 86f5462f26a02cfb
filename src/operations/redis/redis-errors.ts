import { defineErrorFamily } from '../errors.ts';

export const redisErrors = defineErrorFamily({
  REDIS_UNREACHABLE: {
    category: 'dependency',
    status: 503,
    retryable: true,
    message: { en: 'A part of the service does not answer at the moment', zh: '服务的一个组件暂时没有响应' },
    hint: { en: 'Try again in a few seconds. For operators: see whether Redis runs and can be reached.', zh: '请几秒后重试。运维人员：请检查 Redis 是否在运行并且可以访问。' },
  },
  REDIS_REFUSED: {
    category: 'dependency',
    status: 503,
    retryable: true,
    message: { en: 'A part of the service cannot do its work at the moment', zh: '服务的一个组件暂时无法工作' },
    hint: {
      en: 'Try again later. For operators: Redis answered with an error (memory full, loading, read-only replica, missing permission); the log has its words.',
      zh: '请稍后重试。运维人员：Redis 返回了错误（内存已满、正在加载、只读副本或缺少权限），详情见日志。',
    },
  },
  REDIS_URL_INVALID: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'The address of Redis is not valid: {problem}', zh: 'Redis 地址无效：{problem}' },
    hint: {
      en: 'Write redis://[user[:password]@]host[:port][/database], or rediss:// for TLS.',
      zh: '请使用 redis://[用户[:密码]@]主机[:端口][/数据库] 的形式，使用 TLS 时写 rediss://。',
    },
  },
});
