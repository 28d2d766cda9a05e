/** What one does to events: the server knows the rules of meetings and series, and here is what is asked of it. */

import { toasts } from "$/frame/toasts.svelte";
import { t } from "$/words/index.svelte";
import { scoping, type Scope } from "./scope.svelte";
import type { Occurrence, Shelf } from "./shelf.svelte";
import { durationOf, shifted } from "./times";

/** Move or resize by minutes; of a series it is asked which ones. */
export async function move(shelf: Shelf, one: Occurrence, by: number, longer: number): Promise<void> {
  if (by === 0 && longer === 0) return;
  const scope = one.baseId === null ? "one" : await scoping.ask(["one", "following"]);
  if (scope === null) return;
  const patch = {
    start: shifted(one.start, by),
    ...(longer === 0 ? {} : { duration: durationOf(one.minutes + longer, one.allDay) }),
  };
  await change(shelf, one, patch, scope);
  if (scope !== "one") return;
  toasts.done(t("calendar.moved"), () =>
    change(shelf, one, { start: one.start, duration: durationOf(one.minutes, one.allDay) }, "one"),
  );
}

/** Change properties of an event, of one, the following or all of a series. */
export async function change(
  shelf: Shelf,
  one: Occurrence,
  patch: Readonly<Record<string, unknown>>,
  scope: Scope,
): Promise<void> {
  const id = scope === "all" && one.baseId !== null ? one.baseId : one.id;
  await shelf.set(one.accountId, {
    update: { [id]: patch },
    ...(scope === "following" ? { thisAndFollowing: [id] } : {}),
  });
}

/** Remove an event; of a series it is asked which ones. */
export async function remove(shelf: Shelf, one: Occurrence): Promise<boolean> {
  const scope = one.baseId === null ? "all" : await scoping.ask(["one", "following", "all"]);
  if (scope === null) return false;
  const id = scope === "all" && one.baseId !== null ? one.baseId : one.id;
  await shelf.set(one.accountId, { destroy: [id], ...(scope === "following" ? { thisAndFollowing: [id] } : {}) });
  toasts.done(t("calendar.removed"));
  return true;
}

/** Answer an invitation; of a series, all of it. */
export async function answer(shelf: Shelf, one: Occurrence, status: string): Promise<void> {
  if (one.mine === undefined) return;
  const key = one.mine.key.replaceAll("~", "~0").replaceAll("/", "~1");
  await change(shelf, one, { [`participants/${key}/participationStatus`]: status }, "all");
  toasts.done(t("calendar.answered"));
}
