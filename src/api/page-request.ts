import { z } from 'zod';

/** What every list takes: how many, and the `next` of the page before. */
export const pageRequest = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  after: z.string().min(1).max(2000).optional(),
};
