/** What one does to messages, each with a way back. */

import { toasts } from "$/frame/toasts.svelte";
import { SetRefused } from "$/jmap/errors";
import type { Patch, SetAnswer } from "$/jmap/records.svelte";
import type { Email } from "$/jmap/types";
import { t } from "$/words/index.svelte";
import type { MailRoom, Row } from "./room.svelte";

/** Set or remove a keyword; shown at once, and taken back if the server refuses. */
export async function mark(room: MailRoom, ids: readonly string[], keyword: string, wanted: boolean): Promise<void> {
  const before = ids.map((id) => room.rows.get(id)).filter((one) => one !== undefined);
  room.keep(before.map((row) => ({ ...row, keywords: { ...row.keywords, [keyword]: wanted } })));
  try {
    await update(room, Object.fromEntries(ids.map((id) => [id, { [`keywords/${keyword}`]: wanted ? true : null }])));
  } catch (error) {
    room.keep(before);
    throw error;
  }
}

/** Move messages to another mailbox, and say so with a way back. */
export async function move(room: MailRoom, rows: readonly Row[], mailboxId: string, done: string): Promise<void> {
  const from = new Map(rows.map((row) => [row.id, row.mailboxIds]));
  const answer = await update(
    room,
    Object.fromEntries(rows.map((row) => [row.id, { mailboxIds: { [mailboxId]: true } }])),
  );
  toasts.done(done, async () => {
    // A message that is elsewhere has another id there.
    const back = rows.map((row) => [answer.updated?.[row.id]?.id ?? row.id, { mailboxIds: from.get(row.id) }]);
    await update(room, Object.fromEntries(back) as Record<string, Patch>);
  });
}

export async function toTrash(room: MailRoom, rows: readonly Row[]): Promise<void> {
  const trash = room.byRole("trash");
  if (trash === undefined) throw new SetRefused({ type: "notFound", description: t("mail.noTrash") });
  await move(room, rows, trash.id, t("mail.trashed", { count: rows.length }));
}

async function update(room: MailRoom, patches: Readonly<Record<string, Patch>>): Promise<SetAnswer<Email>> {
  const answer = await room.person.connection.ask<SetAnswer<Email>>("Email/set", {
    accountId: room.accountId,
    update: patches,
  });
  const [refused] = Object.values(answer.notUpdated ?? {});
  if (refused !== undefined) throw new SetRefused(refused);
  return answer;
}
