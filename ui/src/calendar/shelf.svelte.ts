/** The calendars that somebody sees, and the occurrences of a span of days. */

import { SvelteMap } from "svelte/reactivity";
import { plusDays } from "$/design/months";
import type { Person } from "$/frame/person.svelte";
import { SetRefused } from "$/jmap/errors";
import type { Got, Records, SetAnswer } from "$/jmap/records.svelte";
import { CALENDARS, can } from "$/jmap/session";
import type { Calendar, CalendarEvent } from "$/jmap/types";
import { PALETTE } from "$/design/colors";
import { dates } from "$/words/dates.svelte";
import { instant, minutesOf, momentOf, type Moment } from "./times";

export interface Participant {
  key: string;
  name: string;
  email: string;
  status: string;
  isOwner: boolean;
}

/** One event at one time. */
export interface Occurrence {
  /** of the account and the occurrence */
  key: string;
  accountId: string;
  id: string;
  /** of the series, where it is one of many */
  baseId: string | null;
  calendarId: string;
  title: string;
  place: string;
  description: string;
  allDay: boolean;
  /** as JSCalendar writes it, in the event's own zone */
  start: string;
  minutes: number;
  zone: string | null;
  from: Moment;
  /** not included; the last day of what takes whole days is */
  to: Moment;
  color: string;
  participants: readonly Participant[];
  /** the one of these that the reader is */
  mine: Participant | undefined;
  cancelled: boolean;
  free: boolean;
  mayWrite: boolean;
  link: string;
}

export interface Shown {
  accountId: string;
  owner: string;
  calendar: Calendar;
  color: string;
}

const PROPERTIES = [
  "id",
  "baseEventId",
  "calendarIds",
  "title",
  "description",
  "start",
  "duration",
  "timeZone",
  "utcStart",
  "utcEnd",
  "showWithoutTime",
  "locations",
  "virtualLocations",
  "participants",
  "recurrenceId",
  "status",
  "freeBusyStatus",
];
const MOST = 2000; // occurrences in one span

export class Shelf {
  readonly accounts: readonly string[];
  readonly occurrences = new SvelteMap<string, readonly Occurrence[]>();
  loaded = $state(false);
  readonly #calendars = new Map<string, Records<"Calendar">>();
  /** the address by which one invites */
  organizer = "";
  #own = new Set<string>();
  #span: { from: string; days: number } | null = null;
  #generation = 0;

  constructor(readonly person: Person) {
    const { accounts } = person.session;
    this.accounts = Object.keys(accounts)
      .filter((id) => can(accounts[id], CALENDARS))
      .sort((a, b) => Number(b === person.account) - Number(a === person.account));
    for (const id of this.accounts) this.#calendars.set(id, person.records("Calendar", id));
  }

  /** All calendars, one's own first, each with its colour. */
  readonly calendars = $derived.by<readonly Shown[]>(() =>
    this.accounts.flatMap((accountId) =>
      (this.#calendars.get(accountId)?.all ?? [])
        .filter((one) => one.isSubscribed && (one.components.length === 0 || one.components.includes("VEVENT")))
        .sort((a, b) => a.sortOrder - b.sortOrder || a.name.localeCompare(b.name))
        .map((calendar) => ({
          accountId,
          owner: accountId === this.person.account ? "" : (this.person.session.accounts[accountId]?.name ?? ""),
          calendar,
          color: colorOf(accountId, calendar),
        })),
    ),
  );

  readonly writable = $derived(this.calendars.filter((one) => mayWrite(one.calendar)));

  find(accountId: string, calendarId: string): Shown | undefined {
    return this.calendars.find((one) => one.accountId === accountId && one.calendar.id === calendarId);
  }

  async load(): Promise<void> {
    const identities = this.person.records("ParticipantIdentity");
    await Promise.all([...[...this.#calendars.values()].map((one) => one.load()), identities.load()]);
    this.organizer = bare((identities.all.find((one) => one.isDefault) ?? identities.all[0])?.calendarAddress ?? "");
    this.#own = new Set(identities.all.map((one) => bare(one.calendarAddress)));
  }

  async toggle(one: Shown): Promise<void> {
    await this.#calendars.get(one.accountId)?.update(one.calendar.id, { isVisible: !one.calendar.isVisible });
    await this.reload();
  }

  /** Show so many days, and keep them up to date. */
  async show(from: string, days: number): Promise<void> {
    this.#span = { from, days };
    await this.reload();
  }

  async reload(): Promise<void> {
    if (this.#span === null) return;
    const { from, days } = this.#span;
    const generation = ++this.#generation;
    const zone = dates.zone;
    const shown = this.accounts.map((accountId) => this.#ask(accountId, from, days, zone));
    const found = (await Promise.all(shown)).flat();
    if (generation !== this.#generation) return;
    const byDay = new Map<string, Occurrence[]>();
    for (const one of found)
      for (
        let day = one.from.day;
        day < one.to.day || (day === one.to.day && one.to.minutes > 0) || day === one.from.day;
        day = plusDays(day, 1)
      )
        byDay.set(day, [...(byDay.get(day) ?? []), one]);
    this.occurrences.clear();
    for (const [day, list] of byDay) this.occurrences.set(day, list);
    this.loaded = true;
  }

  async set(accountId: string, values: Readonly<Record<string, unknown>>): Promise<SetAnswer<CalendarEvent>> {
    const answer = await this.person.connection.ask<SetAnswer<CalendarEvent>>("CalendarEvent/set", {
      accountId,
      sendSchedulingMessages: true,
      ...values,
    });
    const refused = [answer.notCreated, answer.notUpdated, answer.notDestroyed].flatMap((one) =>
      Object.values(one ?? {}),
    )[0];
    if (refused !== undefined) throw new SetRefused(refused);
    await this.reload();
    return answer;
  }

  async #ask(accountId: string, from: string, days: number, zone: string): Promise<Occurrence[]> {
    const visible = (this.#calendars.get(accountId)?.all ?? []).filter((one) => one.isVisible && one.isSubscribed);
    if (visible.length === 0) return [];
    const { connection } = this.person;
    const query = connection.call<{ ids: string[] }>("CalendarEvent/query", {
      accountId,
      filter: {
        operator: "AND",
        conditions: [
          { after: `${from}T00:00:00`, before: `${plusDays(from, days)}T00:00:00` },
          { operator: "OR", conditions: visible.map((one) => ({ inCalendar: one.id })) },
        ],
      },
      sort: [{ property: "start", isAscending: true }],
      expandRecurrences: true,
      timeZone: zone,
      limit: MOST,
    });
    const { list } = await connection.ask<Got<CalendarEvent>>("CalendarEvent/get", {
      accountId,
      "#ids": query.at("/ids"),
      properties: PROPERTIES,
      timeZone: zone,
    });
    return list.map((one) => this.#occurrence(accountId, one, zone));
  }

  #occurrence(accountId: string, event: CalendarEvent, zone: string): Occurrence {
    const calendarId = Object.keys(event.calendarIds)[0] ?? "";
    const shown = this.find(accountId, calendarId);
    const allDay = event["showWithoutTime"] === true;
    const start = text(event["start"]);
    const minutes = minutesOf(text(event["duration"]) || "PT0S");
    const day = start.slice(0, 10);
    const [from, to] = allDay
      ? [
          { day, minutes: 0 },
          { day: plusDays(day, Math.max(1, Math.round(minutes / 1440))), minutes: 0 },
        ]
      : [
          momentOf(event.utcStart === null ? instant(day, 0, zone) : new Date(event.utcStart), zone),
          momentOf(event.utcEnd === null ? instant(day, 0, zone) : new Date(event.utcEnd), zone),
        ];
    const participants = participantsOf(event["participants"]);
    return {
      key: `${accountId} ${event.id}`,
      accountId,
      id: event.id,
      baseId: event.baseEventId,
      calendarId,
      title: text(event["title"]),
      place: first(event["locations"], "name"),
      description: text(event["description"]),
      allDay,
      start,
      minutes,
      zone: text(event["timeZone"]) || null,
      from,
      to,
      color: shown?.color ?? PALETTE[0],
      participants,
      mine: participants.find((one) => this.#own.has(bare(one.email))),
      cancelled: event["status"] === "cancelled",
      free: event["freeBusyStatus"] === "free",
      mayWrite: shown !== undefined && mayWrite(shown.calendar),
      link: first(event["virtualLocations"], "uri"),
    };
  }
}

/** Return whether events may be written there. */
export function mayWrite(calendar: Calendar): boolean {
  return (
    calendar.source === "own" && (calendar.myRights.mayWriteAll === true || calendar.myRights.mayWriteOwn === true)
  );
}

function colorOf(accountId: string, calendar: Calendar): string {
  if (calendar.color !== null && /^#[0-9a-f]{6}$/i.test(calendar.color)) return calendar.color;
  let hash = 0;
  for (const letter of accountId + calendar.id) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0;
  return PALETTE[Math.abs(hash) % PALETTE.length] ?? PALETTE[0];
}

function participantsOf(value: unknown): Participant[] {
  return Object.entries((value ?? {}) as Record<string, Record<string, unknown>>).map(([key, one]) => {
    const sendTo = (one["sendTo"] ?? {}) as Record<string, string>;
    const email = text(one["email"]) || bare(sendTo["imip"] ?? "");
    const roles = (one["roles"] ?? {}) as Record<string, boolean>;
    return {
      key,
      email,
      name: text(one["name"]) || email,
      status: text(one["participationStatus"]) || "needs-action",
      isOwner: roles["owner"] === true,
    };
  });
}

function first(value: unknown, name: string): string {
  return text(Object.values((value ?? {}) as Record<string, Record<string, unknown>>)[0]?.[name]);
}

function bare(address: string): string {
  return address.replace(/^mailto:/i, "").toLowerCase();
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
