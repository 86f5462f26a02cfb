import { defineErrorFamily } from '../operations/errors.ts';

/** What keeps an object from being brought to where it should be: shown in its conditions and events. */
export const controllerErrors = defineErrorFamily({
  REPOSITORY_MISSING: {
    category: 'not_found',
    status: 404,
    retryable: false,
    message: { en: 'There is no BackupRepository {repository} in namespace {namespace}', zh: '命名空间 {namespace} 中不存在 BackupRepository {repository}' },
    hint: { en: 'Make it, or correct repositoryRef; everything goes on by itself then.', zh: '请创建它，或更正 repositoryRef；之后会自动继续。' },
  },
  REPOSITORY_NOT_READY: {
    category: 'busy',
    status: 409,
    retryable: false,
    message: { en: 'BackupRepository {repository} is not initialized yet', zh: 'BackupRepository {repository} 尚未初始化' },
    hint: { en: 'Its condition Ready tells why; everything goes on by itself once it is.', zh: '其 Ready 条件说明原因；就绪后会自动继续。' },
  },
  SCHEDULE_MISSING: {
    category: 'not_found',
    status: 404,
    retryable: false,
    message: { en: 'There is no BackupSchedule {schedule} in namespace {namespace}', zh: '命名空间 {namespace} 中不存在 BackupSchedule {schedule}' },
    hint: { en: 'Make it, or ask anew with repositoryRef and the source.', zh: '请创建它，或改用 repositoryRef 与来源重新发起。' },
  },
  NAME_TAKEN: {
    category: 'business_logic',
    status: 409,
    retryable: false,
    message: { en: '{kind} {name} is there already and belongs to somebody else', zh: '{kind} {name} 已存在且属于他人' },
    hint: { en: 'Nothing of it is touched. Delete or rename it, or give this resource another name.', zh: '不会改动它。请删除或重命名它，或为此资源换一个名称。' },
  },
  JOB_GONE: {
    category: 'not_found',
    status: 404,
    retryable: false,
    message: { en: 'Job {job} was deleted before its end was seen', zh: 'Job {job} 在结束前已被删除' },
    hint: { en: 'What it stored, if it ended well, is in the repository: `holdfast list`. Nothing is run again by itself.', zh: '若它已正常结束，其内容在仓库中：`holdfast list`。不会自动重新运行。' },
  },
  CLUSTER_NOT_SEEN: {
    category: 'dependency',
    status: 503,
    retryable: true,
    message: { en: '{waiting} kinds of objects were not listed yet', zh: '尚有 {waiting} 类对象未列出' },
    hint: { en: 'The log tells which and why: the API server is away, a right is missing, or a definition is not installed.', zh: '日志说明是哪些及原因：API 服务器不可用、缺少权限，或未安装定义。' },
  },
  WATCH_SILENT: {
    category: 'dependency',
    status: 503,
    retryable: true,
    message: { en: 'A watch has been silent for {seconds} s', zh: '某个 watch 已静默 {seconds} 秒' },
    hint: { en: 'It is started over by itself; check that the API server is reachable.', zh: '系统会自动重启它；请检查 API 服务器是否可达。' },
  },
  RECONCILE_FAILED: {
    category: 'internal',
    status: 500,
    retryable: true,
    message: { en: 'An object could not be brought to where it should be', zh: '无法使对象达到期望状态' },
    hint: { en: 'The log line tells the cause; it is tried again, later each time.', zh: '原因见日志；系统会重试，间隔逐次加长。' },
  },
});
