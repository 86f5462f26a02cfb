import { z } from 'zod';
import { deployChecks } from './deploy-checks.ts';

/** A finding that is accepted, and why. */
export interface SilencedCheck {
  readonly id: string;
  readonly reason: string;
}

/** Reads `W021: not on the preload list yet; W031: internal service`. Only warnings that there are can be silenced, each with its reason. */
export const SilencedChecks = z.string().transform((text, context): SilencedCheck[] =>
  text.split(';').map((item) => item.trim()).filter((item) => item !== '').map((item) => {
    const [, id, reason] = /^(W\d{3}):\s*(\S.*)$/.exec(item) ?? [];
    if (id !== undefined && reason !== undefined && deployChecks.some((check) => check.id === id)) return { id, reason };
    context.addIssue({ code: 'custom', message: 'write `W021: the reason; W031: another reason` with ids of warnings; errors (E…) cannot be silenced' });
    return z.NEVER;
  }),
);
