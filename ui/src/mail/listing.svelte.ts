/** A list of messages or conversations: the server keeps it, and pages of it are fetched as they come into sight. */

import { CallRefused } from "$/jmap/errors";
import type { Got } from "$/jmap/records.svelte";
import { ROW, type MailRoom, type Row } from "./room.svelte";

export interface Wish {
  filter: Readonly<Record<string, unknown>>;
  sort: readonly { property: string; isAscending: boolean }[];
  conversations: boolean;
}

interface QueryAnswer {
  queryState: string;
  canCalculateChanges: boolean;
  position: number;
  ids: string[];
  total?: number;
}

interface QueryChanges {
  newQueryState: string;
  total?: number;
  removed: string[];
  added: { id: string; index: number }[];
}

const PAGE = 50;
const CHANGES_MAX = 500;
const NEWEST = { property: "receivedAt", isAscending: false };

export class Listing {
  /** Ids by position; those that were not fetched yet are holes. */
  ids = $state.raw<readonly (string | undefined)[]>([]);
  loaded = $state(false);
  #wish: Wish;
  #queryState = "";
  #generation = 0;
  readonly #pages = new Map<number, Promise<void>>();

  constructor(
    private readonly room: MailRoom,
    wish: Partial<Wish> = {},
  ) {
    this.#wish = { filter: {}, sort: [NEWEST], conversations: true, ...wish };
  }

  get wish(): Wish {
    return this.#wish;
  }

  /** Show another list. */
  async show(wish: Partial<Wish>): Promise<void> {
    this.#wish = { ...this.#wish, ...wish };
    await this.reload();
  }

  async reload(): Promise<void> {
    this.#generation++;
    this.#pages.clear();
    await this.need(0, PAGE);
  }

  /** Make sure that a range of the list is there. */
  async need(from: number, to: number): Promise<void> {
    const first = Math.floor(Math.max(from, 0) / PAGE);
    const last = Math.floor(Math.max(to - 1, from) / PAGE);
    const pages = [];
    for (let page = first; page <= last; page++) {
      let fetched = this.#pages.get(page);
      if (fetched === undefined) {
        fetched = this.#fetch(page).catch((error: unknown) => {
          this.#pages.delete(page);
          throw error;
        });
        this.#pages.set(page, fetched);
      }
      pages.push(fetched);
    }
    await Promise.all(pages);
  }

  /** Learn what has changed in the list and in what is known of its messages. */
  async follow(): Promise<void> {
    if (!this.loaded) return;
    try {
      const told = await this.#ask<QueryChanges>("Email/queryChanges", {
        sinceQueryState: this.#queryState,
        maxChanges: CHANGES_MAX,
        calculateTotal: true,
      });
      this.#apply(told);
      await this.#hydrate(told.added.map((one) => one.id));
    } catch (error) {
      if (!(error instanceof CallRefused)) throw error;
      await this.reload();
    }
  }

  #apply(told: QueryChanges): void {
    const removed = new Set(told.removed);
    const ids = this.ids.filter((id) => id === undefined || !removed.has(id));
    for (const { id, index } of told.added) if (index <= ids.length) ids.splice(index, 0, id);
    if (told.total !== undefined) ids.length = told.total;
    this.ids = ids;
    this.#queryState = told.newQueryState;
    this.#pages.clear(); // pages have shifted; those that are whole are not asked for again
    for (let page = 0; page * PAGE < ids.length; page++)
      if (whole(ids, page * PAGE, Math.min((page + 1) * PAGE, ids.length))) this.#pages.set(page, Promise.resolve());
  }

  async #fetch(page: number): Promise<void> {
    const generation = this.#generation;
    const { connection } = this.room.person;
    const query = connection.call<QueryAnswer>("Email/query", {
      ...this.#query(),
      position: page * PAGE,
      limit: PAGE,
      calculateTotal: page === 0,
    });
    const of = { accountId: this.room.accountId };
    const shown = connection.call<Got<Row>>("Email/get", { ...of, "#ids": query.at("/ids"), properties: ROW });
    const threads = connection.call<Got<{ id: string; emailIds: string[] }>>("Thread/get", {
      ...of,
      "#ids": shown.at("/list/*/threadId"),
    });
    const others = connection.call<Got<Row>>("Email/get", {
      ...of,
      "#ids": threads.at("/list/*/emailIds"),
      properties: ROW,
    });
    const [told, rows, found, more] = await Promise.all([query.answer, shown.answer, threads.answer, others.answer]);
    if (generation !== this.#generation) return;
    this.room.keep([...rows.list, ...more.list]);
    for (const one of found.list) this.room.threads.set(one.id, one.emailIds);
    const ids = page === 0 ? [] : [...this.ids];
    if (told.total !== undefined) ids.length = told.total;
    told.ids.forEach((id, index) => (ids[told.position + index] = id));
    this.ids = ids;
    if (page === 0) this.#queryState = told.queryState;
    this.loaded = true;
  }

  async #hydrate(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const { connection } = this.room.person;
    const of = { accountId: this.room.accountId };
    const rows = connection.call<Got<Row>>("Email/get", { ...of, ids, properties: ROW });
    const threads = connection.call<Got<{ id: string; emailIds: string[] }>>("Thread/get", {
      ...of,
      "#ids": rows.at("/list/*/threadId"),
    });
    const [told, found] = await Promise.all([rows.answer, threads.answer]);
    this.room.keep(told.list);
    for (const one of found.list) this.room.threads.set(one.id, one.emailIds);
  }

  #query(): Record<string, unknown> {
    const { filter, sort, conversations } = this.#wish;
    return { accountId: this.room.accountId, filter, sort, collapseThreads: conversations };
  }

  #ask<T>(name: string, more: Readonly<Record<string, unknown>>): Promise<T> {
    return this.room.person.connection.ask<T>(name, { ...this.#query(), ...more });
  }
}

function whole(ids: readonly (string | undefined)[], from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (ids[at] === undefined) return false;
  return true;
}
