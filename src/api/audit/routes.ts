import type { Router } from '@koa/router';
import { listAudit } from '../../catalog/audit.ts';
import type { ServiceState } from '../../operations/http/service.ts';
import { validate } from '../../operations/http/validate.ts';
import { requireAccess } from '../access.ts';
import type { ApiDependencies } from '../api-dependencies.ts';
import { waitingOf } from '../../operations/http/waiting.ts';
import { AuditList } from './schema.ts';

/** Who did what, newest first, for administrators. */
export function addAuditRoutes(router: Router<ServiceState>, dependencies: ApiDependencies): void {
  router.get('/api/v1/audit', async (ctx) => {
    requireAccess(ctx, { role: 'admin', scope: 'audit:read' });
    ctx.body = await listAudit(dependencies, validate(AuditList, { ...ctx.query }), waitingOf(ctx));
  });
}
