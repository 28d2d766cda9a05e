/** Messages as they are shown, fetched once each and kept while the URLs in them are good. */

import type { Got } from "$/jmap/records.svelte";
import type { EmailView } from "$/jmap/types";
import type { MailRoom } from "./room.svelte";

export type Pictures = "default" | "show" | "hide";

const GOOD_MS = 10 * 60_000; // the server promises a quarter of an hour
const KEPT_MAX = 50;
const PROPERTIES = [
  "id",
  "documentUrl",
  "pictures",
  "attachments",
  "attachmentsUrl",
  "mailingList",
  "oddities",
  "security",
] as const;
export type View = Pick<EmailView, (typeof PROPERTIES)[number]>;

export class Views {
  readonly #kept = new Map<string, { until: number; view: Promise<View | null> }>();

  constructor(private readonly room: MailRoom) {}

  /** Return how a message is shown, null if it is not there any more. */
  get(id: string, pictures: Pictures = "default"): Promise<View | null> {
    const key = `${id} ${pictures}`;
    const known = this.#kept.get(key);
    if (known !== undefined && known.until > Date.now()) return known.view;
    const view = this.#fetch(id, pictures);
    this.#kept.set(key, { until: Date.now() + GOOD_MS, view });
    view.catch(() => this.#kept.delete(key));
    for (const old of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_MAX) break;
      this.#kept.delete(old);
    }
    return view;
  }

  async #fetch(id: string, pictures: Pictures): Promise<View | null> {
    const answer = await this.room.person.connection.ask<Got<View>>("EmailView/get", {
      accountId: this.room.accountId,
      ids: [id],
      pictures,
      properties: PROPERTIES,
    });
    return answer.list[0] ?? null;
  }
}
