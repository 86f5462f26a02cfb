import { z } from 'zod';

/** Of any length that a body allows: what is too long is no account's, and says so like any other wrong pair. */
export const Credentials = z.strictObject({ name: z.string(), password: z.string() });

export const PasswordChange = z.strictObject({ current: z.string(), next: z.string() });
