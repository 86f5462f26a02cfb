import type { Role } from '../../operations/http/service.ts';
import type { HealthStatus } from '../../operations/health/health.ts';
import type { CheckStatus } from '../../operations/health/check-watch.ts';
import type { Text } from '../../operations/text.ts';

/** Every word of the pages. */
export const texts = {
  product: { en: 'Holdfast', zh: 'Holdfast' },
  signIn: { en: 'Sign in', zh: '登录' },
  signOut: { en: 'Sign out', zh: '退出' },
  name: { en: 'Name', zh: '用户名' },
  password: { en: 'Password', zh: '密码' },
  noAdmin: {
    en: 'There is no administrator yet. Make one on the machine that runs the service: ',
    zh: '尚无管理员。请在运行服务的机器上创建：',
  },
  signedInAs: { en: 'Signed in as {name} ({role})', zh: '已登录：{name}（{role}）' },
  backups: { en: 'Backups', zh: '备份' },
  noSchedules: { en: 'There are no schedules.', zh: '没有计划。' },
  schedule: { en: 'Schedule', zh: '计划' },
  source: { en: 'Source', zh: '来源' },
  lastSuccess: { en: 'Last success', zh: '最近成功' },
  lastProven: { en: 'Last proven', zh: '最近验证' },
  next: { en: 'Next', zh: '下次' },
  ok: { en: 'ok', zh: '正常' },
  health: { en: 'Health', zh: '健康状况' },
  check: { en: 'Check', zh: '检查项' },
  state: { en: 'State', zh: '状态' },
  details: { en: 'Details', zh: '详情' },
  more: { en: 'More', zh: '更多' },
  healthJson: { en: 'Health as JSON', zh: 'JSON 格式的健康状况' },
  errors: { en: 'Errors and what to do', zh: '错误及处理办法' },
} as const satisfies Record<string, Text>;

export const roleTexts: Readonly<Record<Role, Text>> = {
  viewer: { en: 'viewer', zh: '查看者' },
  operator: { en: 'operator', zh: '操作员' },
  admin: { en: 'administrator', zh: '管理员' },
};

export const healthTexts: Readonly<Record<HealthStatus, Text>> = {
  healthy: { en: 'healthy', zh: '健康' },
  degraded: { en: 'degraded: something is amiss, the service works', zh: '降级：存在异常，但服务可用' },
  unhealthy: { en: 'unhealthy', zh: '不健康' },
};

export const checkTexts: Readonly<Record<CheckStatus, Text>> = {
  ok: { en: 'ok', zh: '正常' },
  warning: { en: 'warning', zh: '警告' },
  error: { en: 'error', zh: '错误' },
  pending: { en: 'no result yet', zh: '尚无结果' },
};
