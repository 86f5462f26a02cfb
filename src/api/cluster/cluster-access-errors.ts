import { defineErrorFamily } from '../../operations/errors.ts';

/** What callers of the backups' routes are told beside what the API server says (`clusterErrors`). */
export const clusterAccessErrors = defineErrorFamily({
  CLUSTER_ACCESS_DENIED: {
    category: 'authorization',
    status: 403,
    retryable: false,
    message: { en: 'The cluster does not let {user} {verb} {resource} in {where}', zh: '集群不允许 {user} 在 {where} 中对 {resource} 执行 {verb}' },
    hint: {
      en: 'Ask for a RoleBinding to a role that has it, such as the cluster’s view or edit, to which the chart adds these resources; for lists, name a namespace that you may read.',
      zh: '请申请包含该权限的 RoleBinding，例如集群自带的 view 或 edit（Chart 已将这些资源加入其中）；列表请指定您可读取的命名空间。',
    },
  },
  CLUSTER_NOT_LISTED: {
    category: 'busy',
    status: 503,
    retryable: true,
    message: { en: 'The cluster’s {resource} have not been listed yet', zh: '尚未列出集群中的 {resource}' },
    hint: {
      en: 'Try again in a few seconds. If it stays, see whether the API server is up and the definitions are installed.',
      zh: '请几秒后重试。如果问题依旧，请检查 API 服务器是否正常以及 CRD 是否已安装。',
    },
  },
  CLUSTER_SILENT: {
    category: 'dependency',
    status: 503,
    retryable: true,
    message: { en: 'Nothing was heard of the cluster’s {resource} for {seconds} s', zh: '已 {seconds} 秒未收到集群中 {resource} 的消息' },
    hint: {
      en: 'See whether the API server is up and a NetworkPolicy lets the service through. What is shown is as it was then.',
      zh: '请检查 API 服务器是否正常以及 NetworkPolicy 是否放行。所显示的内容为当时的状态。',
    },
  },
});
