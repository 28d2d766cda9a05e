/** How messages are told in words. */

import type { Email, Mailbox } from "$/jmap/types";
import { t } from "$/words/index.svelte";

type From = Pick<Email, "from">;

const ROLES = { inbox: true, drafts: true, sent: true, trash: true, junk: true, archive: true, templates: true };

/** Name a mailbox: by what it is for, where it is for something. */
export function mailboxLabel(mailbox: Mailbox): string {
  const role = mailbox.role as keyof typeof ROLES | null;
  return role !== null && role in ROLES ? t(`mail.role.${role}`) : mailbox.name;
}

/** Return who wrote a message: the name, or else the address. */
export function sender(email: From): string {
  const [first] = email.from ?? [];
  return first?.name ?? first?.email ?? "";
}

/** Return who has written in a conversation, each once, the last first. */
export function writers(emails: readonly From[]): string {
  const names = emails.map(sender).filter((one) => one !== "");
  const distinct = [...new Set(names)];
  if (distinct.length <= 1) return distinct[0] ?? "";
  return distinct.map(short).join(", ");
}

// "Anna Lindqvist" and "Lindqvist, Prof. Anna" are both Anna.
function short(name: string): string {
  if (name.includes("@")) return name.split("@")[0] ?? name;
  const [family = "", given] = name.split(/\s*,\s*/, 2);
  const words = (given ?? family).split(/\s+/).filter((word) => !word.endsWith("."));
  return words[0] ?? name;
}
