/** The modules of the application, as far as the person may use them; each is loaded when it is first shown. */

import CalendarDays from "@lucide/svelte/icons/calendar-days";
import Mail from "@lucide/svelte/icons/mail";
import Users from "@lucide/svelte/icons/users";
import type { Component } from "svelte";
import { CALENDARS, CONTACTS, MAIL } from "$/jmap/session";
import type { Key, Room } from "$/words/index.svelte";
import type { Person } from "./person.svelte";
import type { Module } from "./route.svelte";

export interface Shown {
  name: Module;
  label: Key;
  icon: Component<{ size?: number }>;
  /** the catalogues that it speaks from */
  rooms: readonly Room[];
  load: () => Promise<{ default: Component<{ person: Person }> }>;
}

const ALL: readonly (Shown & { needs: string })[] = [
  {
    name: "mail",
    label: "frame.mail",
    icon: Mail,
    needs: MAIL,
    rooms: ["mail", "people", "sharing", "moving"],
    load: () => import("$/mail/Mail.svelte"),
  },
  {
    name: "calendar",
    label: "frame.calendar",
    icon: CalendarDays,
    needs: CALENDARS,
    rooms: ["calendar", "people"],
    load: () => import("$/calendar/Calendar.svelte"),
  },
  {
    name: "contacts",
    label: "frame.contacts",
    icon: Users,
    needs: CONTACTS,
    rooms: ["contacts"],
    load: () => import("$/contacts/Contacts.svelte"),
  },
];

/** Return the modules that somebody may use. */
export function modulesOf(person: Person): readonly Shown[] {
  const abilities = person.session.accounts[person.account]?.accountCapabilities ?? {};
  return ALL.filter((one) => one.needs in abilities);
}
