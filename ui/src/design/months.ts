/** Days of the civil calendar as YYYY-MM-DD, without zones. */

const DAY = 24 * 3600 * 1000;

/** Return the day that is so many days after another. */
export function plusDays(day: string, days: number): string {
  return new Date(at(day) + days * DAY).toISOString().slice(0, 10);
}

/** Return the same day so many months later, or the last day of that month. */
export function plusMonths(day: string, months: number): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(date, last))).toISOString().slice(0, 10);
}

/** Return the day of the week, Sunday being 0. */
export function weekday(day: string): number {
  return new Date(at(day)).getUTCDay();
}

/** Return the first day of a day's week, which begins on `firstDay` (Sunday being 0). */
export function startOfWeek(day: string, firstDay: number): string {
  return plusDays(day, -((weekday(day) - firstDay + 7) % 7));
}

/** Return the six weeks that a month as YYYY-MM is shown in. */
export function weeksOf(month: string, firstDay: number): readonly (readonly string[])[] {
  const first = startOfWeek(`${month}-01`, firstDay);
  return Array.from({ length: 6 }, (_, week) => Array.from({ length: 7 }, (_, day) => plusDays(first, week * 7 + day)));
}

/** Return the number of a day's week (ISO 8601). */
export function weekNumber(day: string): number {
  const thursday = plusDays(startOfWeek(day, 1), 3);
  return 1 + Math.floor((at(thursday) - Date.UTC(Number(thursday.slice(0, 4)), 0, 1)) / (7 * DAY));
}

function at(day: string): number {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return Date.UTC(year, month - 1, date);
}
