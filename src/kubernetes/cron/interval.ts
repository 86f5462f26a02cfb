import { type CronSets, parseCron } from './cron-fields.ts';

const dayMs = 86_400_000;
const minutesOfDay = 24 * 60;
/** Leap days come back within eight years, whatever the century. */
const longestYears = 8;

/**
 * The longest time, in seconds, that may pass between two due times: what lateness is measured by. `0 2 * * 1-5` has three days, for over the weekend nothing
 * is due. By the wall clock: a day is 24 hours, and the value does not change with the season. Undefined where nothing is ever due. Throws CRON_INVALID.
 */
export function intervalSeconds(cron: string): number | undefined {
  const sets = parseCron(cron);
  const minutes = [...sets.hours].flatMap((hour) => [...sets.minutes].map((minute) => hour * 60 + minute)).toSorted((a, b) => a - b);
  const [first = 0, last = 0] = [minutes[0], minutes.at(-1)];
  const days = longestDayGap(sets);
  if (days === undefined) return undefined;
  const withinDay = minutes.slice(1).map((minute, index) => minute - (minutes[index] ?? 0));
  return Math.max(days * minutesOfDay - (last - first), ...withinDay) * 60;
}

/** Days between a day on which something is due and the next such day, the most there are. */
function longestDayGap(sets: CronSets): number | undefined {
  // Most are due every day, and a scrape may ask of hundreds.
  if (sets.anyDay && sets.anyWeekday && sets.months.size === 12) return 1;
  let longest: number | undefined;
  let previous: number | undefined;
  // Of any eight years with a leap day in them: weekdays and days of the month meet in all ways that matter.
  const start = Date.UTC(2024, 0, 1) / dayMs;
  for (let day = start; day < start + longestYears * 366; day += 1) {
    if (!isDueOn(new Date(day * dayMs), sets)) continue;
    if (previous !== undefined) longest = Math.max(longest ?? 0, day - previous);
    previous = day;
  }
  return longest;
}

function isDueOn(date: Date, { anyDay, anyWeekday, days, months, weekdays }: CronSets): boolean {
  if (!months.has(date.getUTCMonth() + 1)) return false;
  const [day, weekday] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())];
  return anyDay || anyWeekday ? day && weekday : day || weekday;
}
