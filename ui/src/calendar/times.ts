/** Times of events: instants in the reader's zone, civil times as JSCalendar writes them, durations. */

import { plusDays } from "$/design/months";

/** A place in a grid of days: the day as YYYY-MM-DD, and minutes since midnight. */
export interface Moment {
  day: string;
  minutes: number;
}

const MINUTES = 24 * 60;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Return where an instant lies in a zone. */
export function momentOf(at: Date, zone: string): Moment {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    });
    formats.set(zone, format);
  }
  const part = Object.fromEntries(format.formatToParts(at).map((one) => [one.type, one.value]));
  return {
    day: `${part["year"]}-${part["month"]}-${part["day"]}`,
    minutes: Number(part["hour"]) * 60 + Number(part["minute"]),
  };
}

/** Return a civil time, such as 2026-11-24T09:00:00, so many minutes later. */
export function shifted(local: string, minutes: number): string {
  return new Date(Date.parse(`${local}Z`) + minutes * 60_000).toISOString().slice(0, 19);
}

/** Return the minutes of a duration such as P1DT2H30M. */
export function minutesOf(duration: string): number {
  const found = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(duration);
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = (found ?? [])
    .slice(1)
    .map((one: string | undefined) => Number(one ?? 0));
  return ((weeks * 7 + days) * 24 + hours) * 60 + minutes + Math.round(seconds / 60);
}

/** Return minutes as a duration; whole days are days where `days` says so. */
export function durationOf(minutes: number, days = false): string {
  if (days) return `P${Math.max(1, Math.round(minutes / MINUTES))}D`;
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (minutes === 0) return "PT0S";
  return `PT${hours > 0 ? `${hours}H` : ""}${rest > 0 ? `${rest}M` : ""}`;
}

/** Return how many days lie between two days. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T00:00Z`) - Date.parse(`${from}T00:00Z`)) / 86_400_000);
}

/** Return minutes since midnight as HH:MM. */
export function clock(minutes: number): string {
  return `${`${Math.floor(minutes / 60)}`.padStart(2, "0")}:${`${minutes % 60}`.padStart(2, "0")}`;
}

/** Return the instant of a civil time in a zone; in an hour that the clocks leave out, the one after it. */
export function instant(day: string, minutes: number, zone: string): Date {
  const wanted = Date.parse(`${day}T${clock(Math.min(minutes, MINUTES - 1))}:00Z`);
  let at = wanted;
  for (let round = 0; round < 2; round++) {
    const shown = momentOf(new Date(at), zone);
    at += wanted - Date.parse(`${shown.day}T${clock(shown.minutes)}:00Z`);
  }
  return new Date(at);
}

/** Return the days from one to another, both among them. */
export function span(from: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => plusDays(from, index));
}
