/** The finders of all modules that somebody may use. */

import { contacts } from "$/contacts/finding";
import { can, CONTACTS, MAIL } from "$/jmap/session";
import { mail } from "$/mail/finding";
import type { Finder } from "./commands.svelte";
import type { Person } from "./person.svelte";

export function finders(person: Person): readonly Finder[] {
  const account = person.session.accounts[person.account];
  return [...(can(account, MAIL) ? [mail] : []), ...(can(account, CONTACTS) ? [contacts] : [])];
}
