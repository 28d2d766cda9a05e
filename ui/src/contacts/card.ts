/** What is shown of a contact (JSContact, RFC 9553), and the patch that an edit makes. */

import { blobUrl } from "$/jmap/uploads";
import type { Person } from "$/frame/person.svelte";
import type { ContactCard } from "$/jmap/types";

export type Card = ContactCard;
type Entry = Record<string, unknown>;
type Entries = Record<string, Entry>;

interface Component {
  kind: string;
  value: string;
}

/** What a list shows of a contact. */
export const ROW = [
  "id",
  "addressBookIds",
  "kind",
  "name",
  "emails",
  "phones",
  "organizations",
  "titles",
  "media",
] as const;

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function entries(value: unknown): [string, Entry][] {
  return Object.entries((value ?? {}) as Entries);
}

/** Return a part of the name, such as `given` or `surname`. */
export function namePart(card: Partial<Card>, kind: string): string {
  return components(card.name)
    .filter((one) => one.kind === kind)
    .map((one) => one.value)
    .join(" ");
}

/** Name a contact: as it is written in full, else by its parts, organisation or address. */
export function nameOf(card: Partial<Card>): string {
  const full = text((card.name as Entry | null | undefined)?.["full"]);
  if (full !== "") return full;
  const parts = components(card.name)
    .filter((one) => one.kind !== "separator")
    .map((one) => one.value);
  if (parts.length > 0) return parts.join(" ");
  return organisation(card) || mails(card)[0]?.address || "";
}

export function organisation(card: Partial<Card>): string {
  return text(entries(card.organizations)[0]?.[1]["name"]);
}

export function mails(card: Partial<Card>): { key: string; address: string; context: string }[] {
  return entries(card.emails).map(([key, one]) => ({ key, address: text(one["address"]), context: contextOf(one) }));
}

export function phones(card: Partial<Card>): { key: string; number: string; context: string }[] {
  return entries(card.phones).map(([key, one]) => ({ key, number: text(one["number"]), context: contextOf(one) }));
}

/** Return the lines of a postal address. */
export function addressLines(one: Entry): string[] {
  const full = text(one["full"]);
  if (full !== "") return full.split("\n");
  const part = (kind: string): string =>
    components(one)
      .filter((component) => component.kind === kind)
      .map((component) => component.value)
      .join(" ");
  return [
    [part("name") || part("street"), part("number")].filter(Boolean).join(" "),
    [part("postcode"), part("locality")].filter(Boolean).join(" "),
    part("region"),
    part("country"),
  ].filter(Boolean);
}

/** Return the day of birth as YYYY-MM-DD; empty if it is not told whole. */
export function birthday(card: Partial<Card>): string {
  const found = entries(card.anniversaries).find(([, one]) => one["kind"] === "birth");
  const date = found?.[1]["date"] as Entry | undefined;
  if (date === undefined) return "";
  const utc = text(date["utc"]);
  if (utc !== "") return utc.slice(0, 10);
  const [year, month, day] = [Number(date["year"]), Number(date["month"]), Number(date["day"])];
  return year && month && day ? `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}` : "";
}

/** Return where the picture of a contact is fetched. */
export function photo(card: Partial<Card>, person: Person, accountId: string): string | undefined {
  const found = entries(card.media).find(([, one]) => one["kind"] === "photo");
  const blobId = text(found?.[1]["blobId"]);
  if (blobId === "") return undefined;
  const type = text(found?.[1]["mediaType"]) || "image/jpeg";
  return blobUrl(person.session, accountId, { blobId, name: "photo", type });
}

/** `work`, `private`, or empty. */
export function contextOf(one: Entry): string {
  const contexts = (one["contexts"] ?? {}) as Record<string, boolean>;
  return contexts["work"] === true ? "work" : contexts["private"] === true ? "private" : "";
}

/** Return an entry with another context, the rest as it was. */
export function withContext(one: Entry, context: string): Entry {
  const made = { ...one };
  delete made["contexts"];
  return context === "" ? made : { ...made, contexts: { [context]: true } };
}

const MAPS = [
  "nicknames",
  "organizations",
  "titles",
  "emails",
  "phones",
  "addresses",
  "links",
  "anniversaries",
  "notes",
  "media",
] as const;

/** Return the patch that makes one state of a card of another: only what differs, entry by entry. */
export function patchOf(before: Partial<Card>, after: Partial<Card>): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const name of ["name", "keywords", "addressBookIds"] as const)
    if (!same(before[name] ?? null, after[name] ?? null)) patch[name] = after[name] ?? null;
  for (const name of MAPS) {
    const old = (before[name] ?? {}) as Entries;
    const now = (after[name] ?? {}) as Entries;
    if (same(old, now)) continue;
    if (Object.keys(old).length === 0) {
      patch[name] = now;
      continue;
    }
    for (const key of new Set([...Object.keys(old), ...Object.keys(now)]))
      if (!same(old[key], now[key]))
        patch[`${name}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`] = now[key] ?? null;
  }
  return patch;
}

/** Return a name with its parts set; those that are not edited here stay. */
export function renamed(name: unknown, parts: Readonly<Record<string, string>>): Entry {
  const kept = components(name).filter((one) => !(one.kind in parts));
  const order = ["title", "given", "given2", "surname", "surname2", "credential"];
  const made = Object.entries(parts)
    .filter(([, value]) => value.trim() !== "")
    .map(([kind, value]) => ({ kind, value: value.trim() }));
  const all = [...kept.filter((one) => one.kind !== "separator"), ...made].sort(
    (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind),
  );
  return { components: all, isOrdered: true, full: all.map((one) => one.value).join(" ") };
}

function components(value: unknown): Component[] {
  const found = (value as Entry | null | undefined)?.["components"];
  return Array.isArray(found) ? (found as Component[]) : [];
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(pairs.map(([name, one]) => [name, sorted(one)]));
}

function pad(value: number, digits: number): string {
  return `${value}`.padStart(digits, "0");
}
