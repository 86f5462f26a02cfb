import { z } from 'zod';
import { auditOutcomes } from '../../catalog/entities.ts';
import { pageRequest } from '../page-request.ts';

export const AuditList = z.strictObject({
  ...pageRequest,
  actorId: z.uuid().optional(),
  action: z.string().max(100).optional(),
  object: z.string().max(500).optional(),
  outcome: z.enum(auditOutcomes).optional(),
});
