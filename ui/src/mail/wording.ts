/** How messages are told in words. */

import type { Email } from "$/jmap/types";

type From = Pick<Email, "from">;

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

function short(name: string): string {
  return name.includes("@") ? (name.split("@")[0] ?? name) : (name.split(/\s+/)[0] ?? name);
}
