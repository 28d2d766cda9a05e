/** A contact while it is edited: plain fields, put back into the card without touching what is not shown. */

import { birthday, contextOf, entries, namePart, renamed, text, withContext, type Card } from "./card";

type Entry = Record<string, unknown>;
type Entries = Record<string, Entry>;

/** One of several values of a kind. */
export interface Line {
  key: string;
  value: string;
  context: string;
}

export interface PostalForm {
  key: string;
  context: string;
  street: string;
  postcode: string;
  city: string;
  region: string;
  country: string;
}

export interface ContactForm {
  given: string;
  surname: string;
  nickname: string;
  company: string;
  department: string;
  title: string;
  emails: Line[];
  phones: Line[];
  webs: Line[];
  addresses: PostalForm[];
  /** as YYYY-MM-DD */
  birthday: string;
  note: string;
  /** parted by commas */
  categories: string;
  /** undefined: as it was */
  photo?: { blobId: string; type: string } | null;
}

const PARTS = { street: "name", postcode: "postcode", city: "locality", region: "region", country: "country" } as const;

export function formOf(card: Partial<Card>): ContactForm {
  const full = text((card.name as Entry | null | undefined)?.["full"]);
  const [given, surname] = [namePart(card, "given"), namePart(card, "surname")];
  const organization = entries(card.organizations)[0]?.[1];
  const units = organization?.["units"];
  return {
    given: given === "" && surname === "" ? full : given,
    surname,
    nickname: text(entries(card.nicknames)[0]?.[1]["name"]),
    company: text(organization?.["name"]),
    department: Array.isArray(units) ? text((units[0] as Entry | undefined)?.["name"]) : "",
    title: text(entries(card.titles)[0]?.[1]["name"]),
    emails: lines(card.emails, "address"),
    phones: lines(card.phones, "number"),
    webs: lines(card.links, "uri"),
    addresses: entries(card.addresses).map(([key, one]) => postal(key, one)),
    birthday: birthday(card),
    note: text(entries(card.notes)[0]?.[1]["note"]),
    categories: Object.keys(card.keywords ?? {}).join(", "),
  };
}

/** Return the card as the form says it. */
export function cardOf(before: Partial<Card>, form: ContactForm): Partial<Card> {
  const was = formOf(before);
  const after: Partial<Card> = { ...before };
  if (form.given !== was.given || form.surname !== was.surname)
    after.name = renamed(before.name, { given: form.given, surname: form.surname });
  after.nicknames = single(before.nicknames, "name", form.nickname);
  after.titles = single(before.titles, "name", form.title);
  after.notes = single(before.notes, "note", form.note);
  after.emails = several(before.emails, "address", form.emails);
  after.phones = several(before.phones, "number", form.phones);
  after.links = several(before.links, "uri", form.webs);
  if (form.company !== was.company || form.department !== was.department)
    after.organizations = organizations(before, form);
  after.addresses = Object.fromEntries(
    form.addresses
      .filter((one) => Object.keys(PARTS).some((part) => one[part as keyof typeof PARTS].trim() !== ""))
      .map((one) => [one.key, address((before.addresses as Entries | null | undefined)?.[one.key], one)]),
  );
  if (form.birthday !== was.birthday) after.anniversaries = anniversaries(before, form.birthday);
  const words = form.categories.split(",").map((one) => one.trim());
  if (form.categories !== was.categories)
    after.keywords = Object.fromEntries(words.filter((one) => one !== "").map((one) => [one, true]));
  if (form.photo !== undefined) after.media = media(before, form.photo);
  return after;
}

function lines(value: unknown, name: string): Line[] {
  return entries(value).map(([key, one]) => ({ key, value: text(one[name]), context: contextOf(one) }));
}

function several(before: unknown, name: string, lines: readonly Line[]): Entries {
  const old = (before ?? {}) as Entries;
  return Object.fromEntries(
    lines
      .filter((one) => one.value.trim() !== "")
      .map((one) => {
        const entry = { ...(old[one.key] ?? {}), [name]: one.value.trim() };
        return [one.key, contextOf(entry) === one.context ? entry : withContext(entry, one.context)];
      }),
  );
}

/** Return a map of which only the first entry is edited. */
function single(before: unknown, name: string, value: string): Entries {
  const [first, ...others] = entries(before);
  const rest = Object.fromEntries(others);
  if (value.trim() === "") return rest;
  if (first === undefined) return { "1": { [name]: value.trim() } };
  return { [first[0]]: { ...first[1], [name]: text(first[1][name]) === value ? value : value.trim() }, ...rest };
}

function organizations(before: Partial<Card>, { company, department }: ContactForm): Entries {
  const [first, ...others] = entries(before.organizations);
  const rest = Object.fromEntries(others);
  const made: Entry = { ...(first?.[1] ?? {}) };
  delete made["units"];
  delete made["name"];
  if (company.trim() !== "") made["name"] = company.trim();
  if (department.trim() !== "") made["units"] = [{ name: department.trim() }];
  return "name" in made || "units" in made ? { [first?.[0] ?? "1"]: made, ...rest } : rest;
}

function postal(key: string, one: Entry): PostalForm {
  const found = Array.isArray(one["components"]) ? (one["components"] as { kind: string; value: string }[]) : [];
  const part = (kind: string): string =>
    found
      .filter((component) => component.kind === kind)
      .map((component) => component.value)
      .join(" ");
  const values = Object.fromEntries(Object.entries(PARTS).map(([name, kind]) => [name, part(kind)]));
  return { key, context: contextOf(one), ...(values as Omit<PostalForm, "key" | "context">) };
}

function address(before: Entry | undefined, form: PostalForm): Entry {
  const was = before === undefined ? null : postal(form.key, before);
  if (before !== undefined && JSON.stringify(was) === JSON.stringify({ ...was, ...form })) return before;
  const edited: readonly string[] = Object.values(PARTS);
  const found = (before?.["components"] ?? []) as { kind: string; value: string }[];
  const kept = found.filter((one) => !edited.includes(one.kind) && one.kind !== "separator");
  const set = Object.entries(PARTS)
    .map(([name, kind]) => ({ kind, value: form[name as keyof typeof PARTS].trim() }))
    .filter((one) => one.value !== "");
  const made: Entry = { ...(before ?? {}), components: [...kept, ...set] };
  delete made["full"];
  return withContext(made, form.context);
}

function anniversaries(before: Partial<Card>, day: string): Entries {
  const all = entries(before.anniversaries);
  const rest = Object.fromEntries(all.filter(([, one]) => one["kind"] !== "birth"));
  if (day === "") return rest;
  const key = all.find(([, one]) => one["kind"] === "birth")?.[0] ?? "birth";
  const [year, month, date] = day.split("-").map(Number);
  return { ...rest, [key]: { kind: "birth", date: { "@type": "PartialDate", year, month, day: date } } };
}

function media(before: Partial<Card>, photo: { blobId: string; type: string } | null): Entries {
  const all = entries(before.media);
  const rest = Object.fromEntries(all.filter(([, one]) => one["kind"] !== "photo"));
  if (photo === null) return rest;
  return { ...rest, photo: { kind: "photo", blobId: photo.blobId, mediaType: photo.type } };
}
