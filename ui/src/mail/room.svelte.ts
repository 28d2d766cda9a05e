/** The mail of one person: mailboxes, and the messages that have been seen so far. */

import { SvelteMap } from "svelte/reactivity";
import type { Person } from "$/frame/person.svelte";
import type { Records } from "$/jmap/records.svelte";
import type { Email, Mailbox } from "$/jmap/types";

/** What a line of a list shows of a message. */
export const ROW = [
  "id",
  "threadId",
  "mailboxIds",
  "keywords",
  "hasAttachment",
  "from",
  "to",
  "subject",
  "receivedAt",
  "size",
  "preview",
  "priority",
] as const;
export type Row = Pick<Email, (typeof ROW)[number]>;

export class MailRoom {
  readonly mailboxes: Records<"Mailbox">;
  readonly rows = new SvelteMap<string, Row>();
  /** the messages of conversations, the oldest first */
  readonly threads = new SvelteMap<string, readonly string[]>();

  constructor(
    readonly person: Person,
    readonly accountId: string,
  ) {
    this.mailboxes = person.records("Mailbox", accountId);
  }

  mailbox(id: string): Mailbox | undefined {
    return this.mailboxes.get(id);
  }

  byRole(role: string): Mailbox | undefined {
    return this.mailboxes.all.find((one) => one.role === role);
  }

  keep(rows: readonly Row[]): void {
    for (const row of rows) this.rows.set(row.id, row);
  }
}
