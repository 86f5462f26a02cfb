import { codeOf, defineErrorFamily } from '../operations/errors.ts';

/** What an API server answers instead of what was asked for. `object` is `kind namespace/name`. */
export const clusterErrors = defineErrorFamily({
  CLUSTER_NOT_CONFIGURED: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'No cluster is named: {reason}', zh: '未指定集群：{reason}' },
    hint: {
      en: 'In a pod, mount the service account token; elsewhere set KUBECONFIG, or give --kubeconfig and --context.',
      zh: '在 Pod 中请挂载服务账号令牌；其他环境请设置 KUBECONFIG，或给出 --kubeconfig 与 --context。',
    },
  },
  CLUSTER_UNREACHABLE: {
    category: 'dependency',
    status: 503,
    retryable: true,
    message: { en: 'The API server {server} does not answer: {reason}', zh: 'API 服务器 {server} 没有应答：{reason}' },
    hint: {
      en: 'Check that the address is right, that a NetworkPolicy lets it through, and that the control plane is up. It is tried again.',
      zh: '请检查地址是否正确、NetworkPolicy 是否放行、控制平面是否正常。系统会重试。',
    },
  },
  CLUSTER_UNAVAILABLE: {
    category: 'dependency',
    status: 503,
    retryable: true,
    message: { en: 'The API server cannot {verb} {object} now: {reason}', zh: 'API 服务器暂时无法对 {object} 执行 {verb}：{reason}' },
    hint: { en: 'It is restarting, overloaded, or lacks a webhook. It is tried again.', zh: '它正在重启、过载，或缺少某个 webhook。系统会重试。' },
  },
  CLUSTER_UNAUTHORIZED: {
    category: 'authentication',
    status: 502,
    retryable: true,
    message: { en: 'The API server does not know who asks to {verb} {object}', zh: 'API 服务器无法识别请求对 {object} 执行 {verb} 的身份' },
    hint: {
      en: 'The token has expired or belongs to another cluster. Sign in again; in a pod, check that the token is mounted and that the service account still exists.',
      zh: '令牌已过期或属于其他集群。请重新登录；在 Pod 中请检查令牌是否挂载、服务账号是否仍存在。',
    },
  },
  CLUSTER_FORBIDDEN: {
    category: 'authorization',
    status: 403,
    retryable: false,
    message: { en: 'Not allowed to {verb} {object}: {reason}', zh: '无权对 {object} 执行 {verb}：{reason}' },
    hint: {
      en: "Grant the verb by a Role and a RoleBinding; the chart's holdfast roles have what is needed. `kubectl auth can-i --list` shows what is allowed.",
      zh: '请用 Role 与 RoleBinding 授予该动作；chart 中的 holdfast 角色包含所需权限。`kubectl auth can-i --list` 可查看已有权限。',
    },
  },
  NAMESPACE_ENDING: {
    category: 'business_logic',
    status: 409,
    retryable: false,
    message: { en: '{object} was not made: its namespace is being deleted', zh: '未创建 {object}：其命名空间正在删除' },
    hint: { en: 'Nothing is to be done; or make it in another namespace.', zh: '无需处理；或在其他命名空间中创建。' },
  },
  KIND_NOT_INSTALLED: {
    category: 'dependency',
    status: 503,
    retryable: true,
    message: { en: 'The cluster does not know {kind}', zh: '集群不认识 {kind}' },
    hint: { en: 'Install the definitions: `helm upgrade` with crds.install=true, or `kubectl apply -f` of them.', zh: '请安装其定义：以 crds.install=true 执行 `helm upgrade`，或用 `kubectl apply -f` 安装。' },
  },
  OBJECT_NOT_FOUND: {
    category: 'not_found',
    status: 404,
    retryable: false,
    message: { en: 'There is no {object}', zh: '不存在 {object}' },
    hint: { en: 'Check name and namespace: `kubectl get holdfast -A` lists what is there.', zh: '请检查名称与命名空间：`kubectl get holdfast -A` 会列出已有对象。' },
  },
  OBJECT_EXISTS: {
    category: 'business_logic',
    status: 409,
    retryable: false,
    message: { en: '{object} exists already', zh: '{object} 已存在' },
    hint: { en: 'Choose another name, or use what is there.', zh: '请换一个名称，或使用已有对象。' },
  },
  OBJECT_CONFLICT: {
    category: 'busy',
    status: 409,
    retryable: true,
    message: { en: '{object} was changed by somebody else: {reason}', zh: '{object} 已被他人修改：{reason}' },
    hint: { en: 'Read it again and decide anew.', zh: '请重新读取后再作决定。' },
  },
  OBJECT_REFUSED: {
    category: 'validation',
    status: 422,
    retryable: false,
    message: { en: 'The API server refuses to {verb} {object}: {reason}', zh: 'API 服务器拒绝对 {object} 执行 {verb}：{reason}' },
    hint: { en: 'Correct the fields named above; `kubectl explain` tells what each takes. An admission policy may also refuse.', zh: '请更正上述字段；`kubectl explain` 会说明各字段的取值。也可能是准入策略拒绝。' },
  },
  WATCH_EXPIRED: {
    category: 'busy',
    status: 410,
    retryable: true,
    message: { en: 'The API server no longer has what happened to {object} since it was last listed', zh: 'API 服务器已不再保存 {object} 自上次列出以来的变化' },
    hint: { en: 'It is listed anew.', zh: '系统会重新列出。' },
  },
});

export type ClusterErrorCode = keyof typeof clusterErrors.definitions;

/** Whether it is this error of the family: what a caller acts on. */
export function isClusterError(error: unknown, code: ClusterErrorCode): boolean {
  return codeOf(error) === code;
}
