/** Dates and times as the language writes them, in the person's time zone. */

import { words } from "./index.svelte";

const DAY = 24 * 3600 * 1000;

class Dates {
  zone = $state(Intl.DateTimeFormat().resolvedOptions().timeZone);
  readonly #time = $derived(this.#of({ hour: "numeric", minute: "2-digit" }));
  readonly #soon = $derived(
    this.#of({ weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit" }),
  );
  readonly #weekday = $derived(this.#of({ weekday: "short" }));
  readonly #day = $derived(this.#of({ day: "numeric", month: "short" }));
  readonly #date = $derived(this.#of({ day: "numeric", month: "short", year: "numeric" }));
  readonly #whole = $derived(
    this.#of({ weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "numeric", minute: "2-digit" }),
  );
  readonly #month = $derived(
    new Intl.DateTimeFormat(words.region, { month: "long", year: "numeric", timeZone: "UTC" }),
  );
  readonly #full = $derived(
    new Intl.DateTimeFormat(words.region, {
      weekday: "long",
      day: "numeric",
      month: "long",
      year: "numeric",
      timeZone: "UTC",
    }),
  );
  readonly #days = $derived(
    new Intl.DateTimeFormat(words.region, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }),
  );
  readonly #sortable = $derived(
    new Intl.DateTimeFormat("sv", { timeZone: this.zone, year: "numeric", month: "2-digit", day: "2-digit" }),
  );

  /** Say when in little space: a time today, a day this week or year, else a date. */
  brief(at: Date, now: Date = new Date()): string {
    if (this.day(at) === this.day(now)) return this.#time.format(at);
    const age = now.getTime() - at.getTime();
    if (age > 0 && age < 6 * DAY) return this.#weekday.format(at);
    return (at.getFullYear() === now.getFullYear() ? this.#day : this.#date).format(at);
  }

  /** Say when in the days to come: a time today, else the day and the time. */
  soon(at: Date, now: Date = new Date()): string {
    return this.day(at) === this.day(now) ? this.#time.format(at) : this.#soon.format(at);
  }

  /** Say when, with all there is. */
  whole(at: Date): string {
    return this.#whole.format(at);
  }

  /** Name a month given as YYYY-MM. */
  month(month: string): string {
    return this.#month.format(new Date(`${month}-01T12:00:00Z`));
  }

  /** Say a day given as YYYY-MM-DD, with all there is. */
  full(day: string): string {
    return this.#full.format(new Date(`${day}T12:00:00Z`));
  }

  /** Say which days, from one to another, both given as YYYY-MM-DD. */
  span(from: string, to: string): string {
    return this.#days.formatRange(new Date(`${from}T12:00:00Z`), new Date(`${to}T12:00:00Z`));
  }

  /** Name the weekday of a day given as YYYY-MM-DD. */
  weekday(day: string, style: "long" | "short" | "narrow"): string {
    return new Intl.DateTimeFormat(words.region, { weekday: style, timeZone: "UTC" }).format(
      new Date(`${day}T12:00:00Z`),
    );
  }

  time(at: Date): string {
    return this.#time.format(at);
  }

  /** Return the day as YYYY-MM-DD, in the zone. */
  day(at: Date): string {
    return this.#sortable.format(at);
  }

  #of(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    return new Intl.DateTimeFormat(words.region, { ...options, timeZone: this.zone });
  }
}

export const dates = new Dates();
