/** Numbers that look random, and are the same for the same seed. */
export interface Dice {
  /** A whole number from 0 to `bound` - 1. */
  readonly below: (bound: number) => number;
  /** From 0 to 1, without 1. */
  readonly share: () => number;
  /** One of them. Throws where there is none. */
  readonly pick: <Item>(items: readonly Item[]) => Item;
}

/** mulberry32: small, fast, and good enough to choose what goes wrong. */
export function createDice(seed: number): Dice {
  let state = seed | 0;
  const share = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number) => Math.floor(share() * bound);
  return {
    below,
    share,
    pick: (items) => {
      if (items.length === 0) throw new Error('there is nothing to pick from');
      return items[below(items.length)] as (typeof items)[number];
    },
  };
}
