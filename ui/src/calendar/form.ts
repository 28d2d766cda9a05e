/** An event while it is edited: plain fields, and what of JSCalendar they make. */

import { plusDays } from "$/design/months";
import type { Address } from "$/jmap/types";
import type { Key } from "$/words/index.svelte";
import type { Occurrence } from "./shelf.svelte";
import { clock, daysBetween, durationOf, shifted, type Moment } from "./times";

export const REPEATS = ["none", "daily", "weekdays", "weekly", "biweekly", "monthly", "yearly"] as const;

export interface Fields {
  title: string;
  allDay: boolean;
  /** as YYYY-MM-DD, in the reader's zone; the last day, where it takes whole days */
  fromDay: string;
  fromTime: string;
  toDay: string;
  toTime: string;
  place: string;
  description: string;
  free: boolean;
  repeat: string;
  /** as YYYY-MM-DD; empty for ever */
  until: string;
  people: readonly Address[];
}

export function fieldsOf(one: Occurrence | undefined, at: Moment, minutes: number, allDay: boolean): Fields {
  const none = { place: "", description: "", free: false, repeat: "none", until: "", people: [] };
  if (one !== undefined) {
    const whole = one.allDay;
    return {
      ...none,
      title: one.title,
      allDay: whole,
      fromDay: one.from.day,
      fromTime: whole ? "09:00" : clock(one.from.minutes),
      toDay: whole ? plusDays(one.to.day, -1) : one.to.day,
      toTime: whole ? "10:00" : clock(one.to.minutes),
      place: one.place,
      description: one.description,
      free: one.free,
    };
  }
  const end = at.minutes + minutes;
  return {
    ...none,
    title: "",
    allDay,
    fromDay: at.day,
    fromTime: allDay ? "09:00" : clock(at.minutes),
    toDay: allDay ? at.day : plusDays(at.day, Math.floor(end / 1440)),
    toTime: allDay ? "10:00" : clock(end % 1440),
  };
}

interface Made {
  values: Record<string, unknown>;
  fault: Key | null;
}

/** Return what a new event is made of, or the patch of one that is there: only what was changed. */
export function eventOf(
  before: Fields,
  now: Fields,
  one: Occurrence | undefined,
  zone: string,
  username: string,
  organizer: string,
): Made {
  const values: Record<string, unknown> = {};
  const length = minutesBetween(now);
  if (Number.isNaN(length)) return { values, fault: "calendar.noTime" };
  if (length < 0) return { values, fault: "calendar.endsEarlier" };
  const fresh = one === undefined;
  if (fresh || now.title !== before.title) values["title"] = now.title.trim();
  if (now.description !== before.description) values["description"] = now.description;
  if (now.free !== before.free) values["freeBusyStatus"] = now.free ? "free" : "busy";
  if (now.place !== before.place)
    values["locations"] = now.place.trim() === "" ? null : { "1": { "@type": "Location", name: now.place.trim() } };
  const timed = ["allDay", "fromDay", "fromTime", "toDay", "toTime"] as const;
  if (fresh || timed.some((name) => now[name] !== before[name]))
    Object.assign(values, times(before, now, one, zone, length));
  if (fresh && now.repeat !== "none") values["recurrenceRules"] = [rule(now)];
  if (fresh && now.people.length > 0) values["participants"] = participants(now.people, username, organizer);
  return { values, fault: null };
}

function times(
  before: Fields,
  now: Fields,
  one: Occurrence | undefined,
  zone: string,
  length: number,
): Record<string, unknown> {
  const duration = durationOf(length, now.allDay);
  if (now.allDay)
    return {
      start: `${now.fromDay}T00:00:00`,
      duration,
      showWithoutTime: true,
      ...(one?.zone ? { timeZone: null } : {}),
    };
  if (one === undefined) return { start: `${now.fromDay}T${now.fromTime}:00`, duration, timeZone: zone };
  if (one.allDay)
    return { start: `${now.fromDay}T${now.fromTime}:00`, duration, timeZone: zone, showWithoutTime: false };
  // An event of another zone stays in it: its beginning moves by as much as was asked for here.
  const by =
    (Date.parse(`${now.fromDay}T${now.fromTime}Z`) - Date.parse(`${before.fromDay}T${before.fromTime}Z`)) / 60_000;
  return { ...(by === 0 ? {} : { start: shifted(one.start, by) }), ...(length === one.minutes ? {} : { duration }) };
}

function minutesBetween(now: Fields): number {
  if (now.allDay) return (daysBetween(now.fromDay, now.toDay) + 1) * 1440;
  return (Date.parse(`${now.toDay}T${now.toTime}Z`) - Date.parse(`${now.fromDay}T${now.fromTime}Z`)) / 60_000;
}

function rule({ repeat, until, allDay, fromTime }: Fields): Record<string, unknown> {
  const made: Record<string, unknown> = { "@type": "RecurrenceRule" };
  if (repeat === "weekdays") {
    made["frequency"] = "weekly";
    made["byDay"] = ["mo", "tu", "we", "th", "fr"].map((day) => ({ "@type": "NDay", day }));
  } else if (repeat === "biweekly") Object.assign(made, { frequency: "weekly", interval: 2 });
  else made["frequency"] = repeat;
  if (until !== "") made["until"] = allDay ? `${until}T00:00:00` : `${until}T${fromTime}:00`;
  return made;
}

function participants(people: readonly Address[], username: string, organizer: string): Record<string, unknown> {
  const made: Record<string, unknown> = {
    me: {
      "@type": "Participant",
      ...{ email: organizer, sendTo: { imip: `mailto:${organizer}` } },
      name: username,
      roles: { owner: true, attendee: true },
      participationStatus: "accepted",
    },
  };
  people.forEach((one, index) => {
    made[`p${index + 1}`] = {
      "@type": "Participant",
      ...(one.name ? { name: one.name } : {}),
      ...{ email: one.email, sendTo: { imip: `mailto:${one.email}` } },
      roles: { attendee: true },
      participationStatus: "needs-action",
      expectReply: true,
    };
  });
  return made;
}
