/** Whom one may mean: people, groups, rooms and lists of all books and directories, the likeliest first. */

import type { Person } from "$/frame/person.svelte";
import type { Address, Recipient } from "$/jmap/types";

/** What an address field can be asked to do. */
export interface Addressing {
  /** Make addresses of what is typed; false if something is none. */
  finish: () => boolean;
  focus: () => void;
}

export type Suggestion = Recipient & { email: string };

const SHOWN_MAX = 8;

/** Return who fits what is typed; lists without an address of their own are left out. */
export async function suggest(person: Person, text: string, signal?: AbortSignal): Promise<readonly Suggestion[]> {
  const { list } = await person.connection.ask<{ list: Recipient[] }>("Recipient/query", {
    accountId: person.account,
    text,
    limit: SHOWN_MAX,
  });
  if (signal?.aborted === true) return [];
  return list.filter((one): one is Suggestion => one.email !== null);
}

const ONE = /^(?:"?(?<name>[^"<>]*?)"?\s*<(?<inside>[^<>\s]+@[^<>\s]+)>|(?<bare>[^<>\s"]+@[^<>\s"]+))$/;

/** Read addresses as people write or paste them: parted by commas, semicolons or lines, with names or without. */
export function addressesIn(text: string): { found: Address[]; left: string } {
  const found: Address[] = [];
  const left: string[] = [];
  for (const part of text.split(/[,;\n\r](?=(?:[^"]*"[^"]*")*[^"]*$)/)) {
    const wanted = part.trim();
    if (wanted === "") continue;
    const read = ONE.exec(wanted)?.groups;
    const email = read?.["inside"] ?? read?.["bare"];
    if (email === undefined) left.push(wanted);
    else found.push({ name: read?.["name"]?.trim() || null, email });
  }
  return { found, left: left.join(", ") };
}

/** Say who an address is: the name, or else the address. */
export function nameOf(address: Address): string {
  return address.name || address.email;
}
