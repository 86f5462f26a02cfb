export interface BackOffLimits {
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

/** How long to wait after so many failures in a row: twice as long each time, up to the limit. Of that the second half is left to chance, so that many do not come back at once. */
export function backOff(failures: number, { firstDelayMs, maxDelayMs }: BackOffLimits): number {
  const bound = Math.min(maxDelayMs, firstDelayMs * 2 ** (failures - 1));
  return bound * (0.5 + Math.random() / 2);
}
