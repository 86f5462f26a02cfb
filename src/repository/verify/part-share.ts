/** One of `of` equal shares of all parts; `number` counts from 1. */
export interface PartShare {
  readonly number: number;
  readonly of: number;
}

export const everyPart: PartShare = { number: 1, of: 1 };

/** More shares than days in a year help nobody. */
const mostShares = 366;
const digits = 8;
const names = 16 ** digits;

/** The share that `3/7` means, undefined where the text means none. */
export function parseShare(text: string): PartShare | undefined {
  const [, number, of] = /^(\d{1,3})\/(\d{1,3})$/.exec(text) ?? [];
  const share = { number: Number(number), of: Number(of) };
  return share.number >= 1 && share.number <= share.of && share.of <= mostShares ? share : undefined;
}

/**
 * Whether a part belongs to a share. It hangs on the part's name alone: whatever comes and goes between, each part is in
 * exactly one of the shares 1/n to n/n. Names are hashes, so shares are about equal.
 */
export function isInShare(name: string, { number, of }: PartShare): boolean {
  return Math.floor((Number.parseInt(name.slice(0, digits), 16) * of) / names) === number - 1;
}
