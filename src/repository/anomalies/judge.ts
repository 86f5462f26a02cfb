import { fillText, type Text } from '../../operations/text.ts';
import type { ManifestHead } from '../manifest/manifest.ts';

export type Sizes = ManifestHead['sizes'];

/** What a backup is compared with: the sizes of earlier ones of its source. */
export interface Baseline {
  readonly sizes: readonly Sizes[];
  /** A person has said of the oldest of them that it is right as it is: a few are enough to judge by. */
  readonly isAccepted: boolean;
}

/** Fewer say too little about what is usual. */
export const fewestCompared = 5;
/** More would remember too long what a database once was. */
export const mostCompared = 14;

/** How far from the median is still usual, in median absolute deviations (of a normal distribution some four standard deviations). */
const usualDeviations = 6;
/** Less than this share of the median is nearly nothing. */
const nearlyNothing = 0.05;
/** A share of new bytes that is unusual wherever less than half of it is usual, and bytes below which it is nobody's concern. */
const largeChange = 0.6;
const smallChangeBytes = 16 * 1024 * 1024;

/**
 * What backups are measured by. Whatever the deviations say, it is usual that a quantity shrinks by `shrink` or grows by `grow`
 * of its median, or differs by less than `floor`: small databases vary much.
 */
const quantities = [
  { of: 'raw', shrink: 0.4, grow: 1, floor: 8 * 1024 * 1024, least: 1024 * 1024, format: formatMiB },
  { of: 'rows', shrink: 0.4, grow: 1, floor: 1000, least: 20, format: String },
  { of: 'tables', shrink: 0.4, grow: 1, floor: 3, least: 1, format: String },
] as const;

type Quantity = (typeof quantities)[number];

const names = {
  raw: { en: 'the content has {now}, usual is {usual}', zh: '内容为 {now}，通常为 {usual}' },
  rows: { en: 'there are {now} rows, usual is {usual}', zh: '共 {now} 行，通常为 {usual}' },
  tables: { en: 'there are {now} tables, usual is {usual}', zh: '共 {now} 张表，通常为 {usual}' },
} as const satisfies Record<Quantity['of'], Text>;
const changed: Text = { en: '{now} % of what is stored is new, usual is {usual} %', zh: '存储内容中 {now}% 为新增，通常为 {usual}%' };

/**
 * Why a backup is far from those before it by its sizes: it has lost or gained much, or is nearly empty. Empty where
 * nothing is unusual, or too little is known. Pure. That a database that had content is now (nearly) empty is unusual whatever else is known.
 */
export function findAnomalies(now: Sizes, { sizes, isAccepted }: Baseline): Text[] {
  const isKnown = sizes.length >= (isAccepted ? 1 : fewestCompared);
  const found: Text[] = [];
  for (const quantity of quantities) {
    const usual = sizes.map((one) => one[quantity.of]);
    const isUnusual = isNearlyNothing(now[quantity.of], usual, quantity) || (isKnown && isFarFrom(now[quantity.of], usual, quantity));
    if (isUnusual) found.push(fillText(names[quantity.of], { now: quantity.format(now[quantity.of]), usual: quantity.format(median(usual)) }));
  }
  return found;
}

/** Why a backup is far from those before it by what is new in it; undefined where it is not, or too little is known. Pure. */
export function findRewrite(now: Sizes, { sizes }: Baseline): Text | undefined {
  const changes = sizes.map(changeOf);
  if (sizes.length < fewestCompared || now.newStored < smallChangeBytes || changeOf(now) < largeChange || !isRare(changeOf(now), changes)) return undefined;
  return fillText(changed, { now: Math.round(changeOf(now) * 100), usual: Math.round(median(changes) * 100) });
}

function isNearlyNothing(now: number, usual: readonly number[], { least }: Quantity): boolean {
  const middle = median(usual);
  return usual.length > 0 && middle >= least && (now === 0 || now < middle * nearlyNothing);
}

function isFarFrom(now: number, usual: readonly number[], { shrink, grow, floor }: Quantity): boolean {
  const middle = median(usual);
  const ratio = now < middle ? shrink : grow;
  return Math.abs(now - middle) > Math.max(usualDeviations * deviation(usual), ratio * middle, floor);
}

/** Whether a share of new bytes is beyond what happens: at least twice the median, and beyond its deviations. */
function isRare(change: number, usual: readonly number[]): boolean {
  return change > 2 * median(usual) && change > median(usual) + usualDeviations * deviation(usual);
}

function changeOf({ newStored, stored }: Sizes): number {
  return stored === 0 ? 0 : newStored / stored;
}

/** 0 of nothing. Of an even number the mean of the two in the middle. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >>> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** The median absolute deviation: one outlier among the earlier backups does not move it. */
function deviation(values: readonly number[]): number {
  const middle = median(values);
  return median(values.map((value) => Math.abs(value - middle)));
}

function formatMiB(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
