import { z } from 'zod';
import { roles } from '../../operations/http/service.ts';
import { scopes } from '../access.ts';
import { pageRequest } from '../page-request.ts';

export const TokenList = z.strictObject({ ...pageRequest, all: z.stringbool().default(false) });

export const TokenId = z.strictObject({ id: z.uuid() });

export const TokenCreation = z.strictObject({
  name: z.string(),
  scopes: z.array(z.enum(scopes)).min(1).max(scopes.length),
  /** Default: the account's own. */
  role: z.enum(roles).optional(),
  expiresInDays: z.int().min(1).max(366).default(90),
});
