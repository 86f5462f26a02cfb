import { defineErrorFamily } from '../errors.ts';

/** Errors of daily operation: tasks, approvals, maintenance. `OPERATION_ERROR` stands for every failure of the area that nobody foresaw. */
export const operationErrors = defineErrorFamily({
  OPERATION_ERROR: {
    category: 'business_logic',
    status: 500,
    retryable: false,
    message: { en: 'The operation could not be completed', zh: '操作失败' },
    hint: { en: 'Try again later. If it stays, tell the operators the error’s id.', zh: '请稍后重试。如果问题依旧，请把错误编号告诉运维人员。' },
  },
  TASK_NOT_FOUND: {
    category: 'not_found',
    status: 404,
    retryable: false,
    message: { en: 'There is no task {task}', zh: '任务 {task} 不存在' },
    hint: { en: 'Check the number; tasks that were done long ago are archived.', zh: '请检查任务编号；早已完成的任务会被归档。' },
  },
  TASK_ASSIGNED: {
    category: 'business_logic',
    status: 409,
    retryable: false,
    message: { en: 'Task {task} is in the hands of {assignee}', zh: '任务 {task} 已由 {assignee} 处理' },
    hint: { en: 'Ask {assignee} to hand it over.', zh: '请联系 {assignee} 转交任务。' },
  },
  APPROVAL_REQUIRED: {
    category: 'authorization',
    status: 403,
    retryable: false,
    message: { en: 'This needs the approval of {approver}', zh: '此操作需要 {approver} 审批' },
    hint: { en: 'Ask for the approval; the request can be sent from this task.', zh: '请先申请审批；可以在该任务中提交申请。' },
  },
  OPERATION_WINDOW_CLOSED: {
    category: 'business_logic',
    status: 409,
    retryable: false,
    message: { en: 'This is possible from {start} to {end} only', zh: '此操作只能在 {start} 至 {end} 进行' },
    hint: { en: 'Come back within these hours.', zh: '请在该时段内操作。' },
  },
});
