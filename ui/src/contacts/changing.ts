/** What one does to contacts, each with a way back. */

import { toasts } from "$/frame/toasts.svelte";
import { t } from "$/words/index.svelte";
import type { Card } from "./card";
import type { Shelf } from "./shelf.svelte";

const GIVEN_ANEW = new Set(["id", "created", "updated", "uid", "prodId"]);

/** Remove a contact; the way back makes it anew, with all that was known of it. */
export async function remove(shelf: Shelf, card: Card): Promise<void> {
  const whole = (await shelf.whole(card.id)) ?? card;
  await shelf.set({ destroy: [card.id] });
  await shelf.reload();
  toasts.done(t("contacts.removed"), async () => {
    const values = Object.entries(whole).filter(([name, value]) => !GIVEN_ANEW.has(name) && value !== null);
    await shelf.set({ create: { again: { ...Object.fromEntries(values), uid: whole.uid } } });
    await shelf.reload();
  });
}

/** Move a contact to another book. */
export async function move(shelf: Shelf, id: string, from: string, to: string): Promise<void> {
  await shelf.set({ update: { [id]: { addressBookIds: { [to]: true } } } });
  await shelf.reload();
  toasts.done(t("contacts.moved", { book: shelf.book(to)?.name ?? "" }), async () => {
    await shelf.set({ update: { [id]: { addressBookIds: { [from]: true } } } });
    await shelf.reload();
  });
}
