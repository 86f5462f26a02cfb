export const calendarUnits = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
export type CalendarUnit = (typeof calendarUnits)[number];

/** Characters of `2026-01-16T18:04:45.123Z` (its year may have more than four digits) that come after the unit. */
const cutFromIso = { hourly: 11, daily: 14, monthly: 17, yearly: 20 } as const;
const dayMs = 24 * 60 * 60 * 1000;

/** The hour, day, ISO week, month or year that a moment lies in, in UTC: `2026-01-16T18`, `2026-01-16`, `2026-W03`, `2026-01`, `2026`. */
export function calendarBucket(at: Date, unit: CalendarUnit): string {
  return unit === 'weekly' ? isoWeek(at) : at.toISOString().slice(0, -cutFromIso[unit]);
}

/** ISO 8601: a week belongs to the year that its Thursday is in; the week with the year's first Thursday is the first. */
function isoWeek(at: Date): string {
  const day = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate());
  const weekday = (new Date(day).getUTCDay() + 6) % 7;
  const thursday = new Date(day + (3 - weekday) * dayMs);
  const week = 1 + Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / (7 * dayMs));
  return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, '0')}`;
}
