import { operationErrors } from 'holdfast/operations/business-errors/operation-errors';
import { validate } from 'holdfast/operations/http/validate';
import { apiHandler, guarded } from 'holdfast/operations/http/wrap-handler';
import { z } from 'zod';
import type { AddRoutes } from './area.ts';

const Assignment = z.strictObject({ assignee: z.string() });

export const addOperationRoutes: AddRoutes = (router, { books, guard }) => {
  const assign = guarded(operationErrors.OPERATION_ERROR, { task: 'assign task', ...guard }, (task: string, assignee: string) => {
    const found = books.prepare('select assignee from task where id = ?').get(task) as { assignee: string | null } | undefined;
    if (found === undefined) throw operationErrors.TASK_NOT_FOUND({ task });
    if (found.assignee !== null) throw operationErrors.TASK_ASSIGNED({ task, assignee: found.assignee });
    books.prepare('update task set assignee = ? where id = ?').run(assignee, task);
    return { task, assignee };
  });

  router.put('/api/tasks/:task/assignee', apiHandler(operationErrors.OPERATION_ERROR, async (ctx) => {
    ctx.body = await assign(String(ctx['params'].task), validate(Assignment, ctx.request.body).assignee);
  }));
};
