import { z } from 'zod';
import type { Stream } from '../src/repository/manifest/manifest.ts';

const Named = z.object({ schema: z.string(), name: z.string() });

/** What a stream holds, for people: `public.orders` of a table, empty for streams whose details name nothing. Safe for a terminal. */
export function nameOfStream({ details }: Pick<Stream, 'details'>): string {
  const named = Named.safeParse(details);
  return named.success ? JSON.stringify(`${named.data.schema}.${named.data.name}`).slice(1, -1) : '';
}
