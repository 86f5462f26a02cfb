import { notificationErrors } from 'holdfast/operations/business-errors/notification-errors';
import { validate } from 'holdfast/operations/http/validate';
import { apiHandler, guarded } from 'holdfast/operations/http/wrap-handler';
import { z } from 'zod';
import type { AddRoutes } from './area.ts';

const Message = z.strictObject({ recipient: z.string(), text: z.string().max(1000) });

export const addNotificationRoutes: AddRoutes = (router, { books, guard }) => {
  const send = guarded(notificationErrors.NOTIFICATION_ERROR, { task: 'send message', ...guard }, ({ recipient }: z.infer<typeof Message>) => {
    const contact = books.prepare('select mail from contact where name = ?').get(recipient) as { mail: string | null } | undefined;
    if (!contact?.mail) throw notificationErrors.RECIPIENT_UNREACHABLE({ recipient, channel: { en: 'mail', zh: '邮件' } });
    return { recipient, sent: true };
  });

  router.post('/api/notifications', apiHandler(notificationErrors.NOTIFICATION_ERROR, async (ctx) => {
    ctx.body = await send(validate(Message, ctx.request.body));
  }));
};
