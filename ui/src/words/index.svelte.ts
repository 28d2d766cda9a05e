/** What the application says, in the language of who uses it: a catalogue for each room and language. */

import type administration from "./en/administration.json";
import type calendar from "./en/calendar.json";
import type compose from "./en/compose.json";
import type contacts from "./en/contacts.json";
import type design from "./en/design.json";
import type frame from "./en/frame.json";
import type mail from "./en/mail.json";
import type moving from "./en/moving.json";
import type people from "./en/people.json";
import type preferences from "./en/preferences.json";
import type sharing from "./en/sharing.json";
import type signin from "./en/signin.json";
import { LANGUAGES, type Tag } from "./languages";

interface Rooms {
  administration: typeof administration;
  calendar: typeof calendar;
  compose: typeof compose;
  contacts: typeof contacts;
  design: typeof design;
  frame: typeof frame;
  mail: typeof mail;
  moving: typeof moving;
  people: typeof people;
  preferences: typeof preferences;
  sharing: typeof sharing;
  signin: typeof signin;
}
export type Room = keyof Rooms;
export type Key = { [R in Room]: `${R}.${Extract<keyof Rooms[R], string>}` }[Room];

/** A text, or one for each plural category of the language (CLDR), chosen by `count`. */
type Message = string | Partial<Record<Intl.LDMLPluralRule, string>>;
type Catalogue = Readonly<Record<string, Message>>;
type Values = Readonly<Record<string, string | number>>;

const CATALOGUES = import.meta.glob<{ default: Catalogue }>("./*/*.json");
/** The languages that there are catalogues of. */
export const SPOKEN = [...new Set(Object.keys(CATALOGUES).map((path) => path.split("/")[1] as Tag))];
const HOLE = /\{(\w+)\}/g;

class Words {
  tag = $state<Tag>("en");
  /** The language as a region writes it: the browser's own variant of it, if it has one. */
  readonly region = $derived(
    navigator.languages.find((one) => one === this.tag || one.startsWith(`${this.tag}-`)) ?? this.tag,
  );
  #catalogues = $state.raw<Readonly<Record<string, Catalogue>>>({});
  readonly #plural = $derived(new Intl.PluralRules(this.tag));
  readonly #number = $derived(new Intl.NumberFormat(this.region));

  get direction(): "ltr" | "rtl" {
    return "rtl" in LANGUAGES[this.tag] ? "rtl" : "ltr";
  }

  /** Learn what a room says; a text that a language lacks is told in English. */
  async learn(room: Room, tag: Tag = this.tag): Promise<void> {
    const [english, own] = await Promise.all([fetched("en", room), tag === "en" ? {} : fetched(tag, room)]);
    this.#catalogues = { ...this.#catalogues, [room]: { ...english, ...own } };
  }

  /** Speak another language from now on, in all rooms known so far. */
  async speak(tag: Tag): Promise<void> {
    await Promise.all((Object.keys(this.#catalogues) as Room[]).map((room) => this.learn(room, tag)));
    this.tag = tag;
    document.documentElement.lang = tag;
    document.documentElement.dir = this.direction;
  }

  say(key: Key, values: Values = {}): string {
    const dot = key.indexOf(".");
    const message = this.#catalogues[key.slice(0, dot)]?.[key.slice(dot + 1)];
    if (message === undefined) return key;
    return this.#plurally(message, values).replace(HOLE, (hole, name: string) => {
      const value = values[name];
      return typeof value === "number" ? this.#number.format(value) : (value ?? hole);
    });
  }

  number(value: number): string {
    return this.#number.format(value);
  }

  #plurally(message: Message, values: Values): string {
    if (typeof message === "string") return message;
    const category = this.#plural.select(Number(values["count"] ?? 0));
    return message[category] ?? message.other ?? "";
  }
}

export const words = new Words();

/** Say something; `count` among the values chooses the plural. */
export function t(key: Key, values?: Values): string {
  return words.say(key, values);
}

async function fetched(tag: Tag, room: Room): Promise<Catalogue> {
  const load = CATALOGUES[`./${tag}/${room}.json`];
  return load === undefined ? {} : (await load()).default;
}
