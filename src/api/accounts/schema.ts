import { z } from 'zod';
import { roles } from '../../operations/http/service.ts';
import { languages } from '../../operations/text.ts';
import { pageRequest } from '../page-request.ts';

export const AccountList = z.strictObject(pageRequest);

export const AccountId = z.strictObject({ id: z.uuid() });

export const AccountCreation = z.strictObject({
  name: z.string(),
  password: z.string(),
  role: z.enum(roles).default('viewer'),
  language: z.enum(languages).optional(),
});

export const AccountChanges = z
  .strictObject({ role: z.enum(roles).optional(), disabled: z.boolean().optional(), language: z.enum(languages).nullable().optional() })
  .refine((changes) => Object.keys(changes).length > 0);

export const NewPassword = z.strictObject({ password: z.string() });
