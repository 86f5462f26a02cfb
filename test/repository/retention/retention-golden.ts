import type { RetentionPolicy } from '../../../src/repository/retention/retention.ts';

/** A backup of a table: a time, then `damaged`, `held`, `proven`, `disproven`, `suspicious` as they apply. */
export type GoldenBackup = string;

export interface GoldenCase {
  readonly name: string;
  readonly now: string;
  readonly policy: RetentionPolicy;
  /** Oldest first: a backup, and why it stays; nothing where it goes. */
  readonly decisions: readonly (readonly [GoldenBackup, ...string[]])[];
}

const hour = 60 * 60 * 1000;
const day = 24 * hour;

/** What each policy decides, written by hand. */
export const goldenCases: readonly GoldenCase[] = [
  {
    name: 'an empty policy keeps all',
    now: '2026-03-10T12:00:00Z',
    policy: {},
    decisions: [
      ['2020-01-01T02:00:00Z', 'empty-policy'],
      ['2026-03-09T02:00:00Z damaged', 'damaged', 'empty-policy'],
      ['2026-03-10T02:00:00Z', 'newest', 'empty-policy'],
    ],
  },
  {
    name: 'keepLast keeps the newest',
    now: '2026-03-10T12:00:00Z',
    policy: { keepLast: 2 },
    decisions: [
      ['2026-03-08T02:00:00Z'],
      ['2026-03-09T02:00:00Z', 'last 2'],
      ['2026-03-10T02:00:00Z', 'newest', 'last 1'],
    ],
  },
  {
    name: 'a backup whose drill failed takes no place of another, and leaves when the rules would let it go',
    now: '2026-03-10T12:00:00Z',
    policy: { keepLast: 2 },
    decisions: [
      ['2026-03-05T02:00:00Z'],
      ['2026-03-06T02:00:00Z', 'last 2'],
      ['2026-03-07T02:00:00Z disproven'],
      ['2026-03-08T02:00:00Z', 'newest', 'last 1'],
      ['2026-03-09T02:00:00Z disproven', 'last 2'],
      ['2026-03-10T02:00:00Z disproven', 'newest', 'last 1'],
    ],
  },
  {
    name: 'keepHourly keeps the newest of each hour that has one',
    now: '2026-03-10T12:00:00Z',
    policy: { keepHourly: 2 },
    decisions: [
      ['2026-03-10T08:59:59Z'],
      ['2026-03-10T09:00:00Z'],
      ['2026-03-10T09:59:59Z', 'hourly 2 2026-03-10T09'],
      ['2026-03-10T11:00:00Z'],
      ['2026-03-10T11:30:00Z', 'newest', 'hourly 1 2026-03-10T11'],
    ],
  },
  {
    name: 'keepDaily counts days that have a backup, not days that passed, in UTC',
    now: '2026-03-30T12:00:00Z',
    policy: { keepDaily: 3 },
    decisions: [
      ['2026-02-27T23:59:59Z'],
      ['2026-02-28T00:00:00Z', 'daily 3 2026-02-28'],
      ['2026-03-01T00:00:00Z'],
      ['2026-03-01T23:59:59Z', 'daily 2 2026-03-01'],
      ['2026-03-29T02:00:00Z', 'newest', 'daily 1 2026-03-29'],
    ],
  },
  {
    name: 'keepWeekly has weeks from Monday that may span two years',
    now: '2026-01-12T12:00:00Z',
    policy: { keepWeekly: 3 },
    decisions: [
      ['2025-12-21T02:00:00Z'],
      ['2025-12-28T02:00:00Z', 'weekly 3 2025-W52'],
      ['2025-12-29T02:00:00Z'],
      ['2026-01-04T02:00:00Z', 'weekly 2 2026-W01'],
      ['2026-01-05T02:00:00Z', 'newest', 'weekly 1 2026-W02'],
    ],
  },
  {
    name: 'a year with 53 weeks',
    now: '2027-01-12T12:00:00Z',
    policy: { keepWeekly: 2 },
    decisions: [
      ['2026-12-27T23:00:00Z'],
      ['2027-01-03T23:00:00Z', 'weekly 2 2026-W53'],
      ['2027-01-04T00:00:00Z', 'newest', 'weekly 1 2027-W01'],
    ],
  },
  {
    name: 'keepMonthly and keepYearly, with the leap day',
    now: '2028-03-15T12:00:00Z',
    policy: { keepMonthly: 2, keepYearly: 2 },
    decisions: [
      ['2027-12-01T02:00:00Z'],
      ['2027-12-31T23:59:59Z', 'yearly 2 2027'],
      ['2028-01-31T02:00:00Z'],
      ['2028-02-28T02:00:00Z'],
      ['2028-02-29T23:59:59Z', 'monthly 2 2028-02'],
      ['2028-03-01T00:00:00Z', 'newest', 'monthly 1 2028-03', 'yearly 1 2028'],
    ],
  },
  {
    name: 'rules add up: grandfather, father, son',
    now: '2026-03-10T12:00:00Z',
    policy: { keepDaily: 2, keepWeekly: 2, keepMonthly: 2 },
    decisions: [
      ['2026-02-27T02:00:00Z'],
      ['2026-02-28T02:00:00Z', 'monthly 2 2026-02'],
      ['2026-03-07T02:00:00Z'],
      ['2026-03-08T02:00:00Z', 'weekly 2 2026-W10'],
      ['2026-03-09T02:00:00Z', 'daily 2 2026-03-09'],
      ['2026-03-10T02:00:00Z', 'newest', 'daily 1 2026-03-10', 'weekly 1 2026-W11', 'monthly 1 2026-03'],
    ],
  },
  {
    name: 'keepWithin counts from the newest backup: when backups stop, nothing goes',
    now: '2027-03-10T12:00:00Z',
    policy: { keepWithin: 2 * day },
    decisions: [
      ['2026-03-08T01:59:59Z'],
      ['2026-03-08T02:00:00Z', 'within'],
      ['2026-03-09T02:00:00Z', 'within'],
      ['2026-03-10T02:00:00Z', 'newest', 'within'],
    ],
  },
  {
    name: 'olderThan forgets by age',
    now: '2026-03-31T02:00:00Z',
    policy: { olderThan: 30 * day },
    decisions: [
      ['2026-03-01T01:59:59Z'],
      ['2026-03-01T02:00:00Z', 'younger'],
      ['2026-03-31T01:00:00Z', 'newest', 'younger'],
    ],
  },
  {
    name: 'olderThan keeps the newest, however old it is',
    now: '2027-03-31T02:00:00Z',
    policy: { olderThan: 30 * day },
    decisions: [['2026-03-01T02:00:00Z'], ['2026-03-02T02:00:00Z', 'newest']],
  },
  {
    name: 'the newest proven backup stays beside a newer one',
    now: '2026-03-10T12:00:00Z',
    policy: { keepLast: 1 },
    decisions: [
      ['2026-03-06T02:00:00Z proven'],
      ['2026-03-07T02:00:00Z proven', 'newest-proven'],
      ['2026-03-08T02:00:00Z'],
      ['2026-03-09T02:00:00Z', 'newest', 'last 1'],
    ],
  },
  {
    name: 'a damaged backup counts for nothing: not as the newest, not as proven, not towards a number, not against age',
    now: '2026-03-10T12:00:00Z',
    policy: { keepLast: 1, olderThan: hour },
    decisions: [
      ['2026-03-07T02:00:00Z'],
      ['2026-03-08T02:00:00Z', 'newest', 'last 1'],
      ['2026-03-09T02:00:00Z damaged proven', 'damaged'],
      ['2026-03-10T11:59:00Z damaged', 'damaged'],
    ],
  },
  {
    name: 'a backup dated in the future neither counts nor goes',
    now: '2026-03-10T12:00:00Z',
    policy: { keepLast: 1 },
    decisions: [
      ['2026-03-08T02:00:00Z'],
      ['2026-03-09T02:00:00Z', 'newest', 'last 1'],
      ['2026-03-11T02:00:00Z proven', 'future'],
      ['2036-03-11T02:00:00Z', 'future'],
    ],
  },
  {
    name: 'a held backup stays, and counts like any other',
    now: '2026-03-10T12:00:00Z',
    policy: { keepLast: 2 },
    decisions: [
      ['2020-01-01T02:00:00Z held', 'held'],
      ['2026-03-07T02:00:00Z'],
      ['2026-03-08T02:00:00Z held', 'held', 'last 2'],
      ['2026-03-09T02:00:00Z', 'newest', 'last 1'],
    ],
  },
  {
    name: 'a suspicious backup stays like any other, and takes no good one’s place: not as the newest, not in a number, not in a day',
    now: '2026-03-10T12:00:00Z',
    policy: { keepLast: 2, keepDaily: 1 },
    decisions: [
      ['2026-03-07T02:00:00Z'],
      ['2026-03-08T02:00:00Z', 'last 2'],
      ['2026-03-09T02:00:00Z', 'newest', 'last 1', 'daily 1 2026-03-09'],
      ['2026-03-09T03:00:00Z suspicious', 'last 2'],
      ['2026-03-10T02:00:00Z suspicious', 'newest', 'last 1', 'daily 1 2026-03-10'],
    ],
  },
  {
    name: 'suspicious backups are no newer success: the good ones do not age out on their account, and they age themselves',
    now: '2026-06-10T12:00:00Z',
    policy: { olderThan: 30 * day },
    decisions: [
      ['2026-03-08T02:00:00Z'],
      ['2026-03-09T02:00:00Z', 'newest'],
      ['2026-04-10T02:00:00Z suspicious'],
      ['2026-06-10T02:00:00Z suspicious', 'newest', 'younger'],
    ],
  },
  {
    name: 'the newest proven good one stays beside a suspicious one that was proven',
    now: '2026-03-10T12:00:00Z',
    policy: { keepLast: 1 },
    decisions: [
      ['2026-03-07T02:00:00Z proven', 'newest-proven'],
      ['2026-03-08T02:00:00Z', 'newest', 'last 1'],
      ['2026-03-09T02:00:00Z suspicious proven', 'newest', 'newest-proven', 'last 1'],
    ],
  },
  {
    name: 'no backup at all',
    now: '2026-03-10T12:00:00Z',
    policy: { keepLast: 1, olderThan: day },
    decisions: [],
  },
];
