const hourMs = 60 * 60 * 1000;

/** How long a forgotten backup can be recalled, and how long an unlisted part is left alone, in milliseconds. */
export const defaultGraceMs = 7 * 24 * hourMs;

/**
 * A run that is older than this does not commit, and a part that no backup lists may only be stored again without a wait
 * while it is younger: so no prune has chosen it before that run has ended.
 */
export function longestRunMs(graceMs: number): number {
  return graceMs / 2;
}

/**
 * A sweep waits a little longer than the grace: a recall or commit that was under way when it ended is over by then. All
 * ages are by the store's clock, so this margin is for the duration of calls, not for clocks.
 */
export function sweptAfterMs(graceMs: number): number {
  return graceMs + graceMs / 24;
}

/**
 * From prune's last look at an unlisted part to the end of its deletion. A run may store that very part again in between, since
 * equal content has the same name. So a run that stored again what lay there unlisted and old waits longer than this before
 * its own last look: by then the deletion has happened, and is seen, or never will.
 */
export const longestDeletionMs = 60 * 1000;
export const afterDeletionMs = 2 * longestDeletionMs;

export function toHours(ms: number): number {
  return Math.round((ms / hourMs) * 10) / 10;
}
