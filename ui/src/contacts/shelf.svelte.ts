/** The address books of one person, and the contacts of one of them as far as they have been in sight. */

import { SvelteMap } from "svelte/reactivity";
import type { Person } from "$/frame/person.svelte";
import { SetRefused } from "$/jmap/errors";
import type { Got, Records, SetAnswer } from "$/jmap/records.svelte";
import type { AddressBook } from "$/jmap/types";
import { ROW, type Card } from "./card";

const PAGE = 100;

interface QueryAnswer {
  position: number;
  ids: string[];
  total?: number;
}

export class Shelf {
  readonly books: Records<"AddressBook">;
  readonly cards = new SvelteMap<string, Partial<Card>>();
  /** by position; those that were not fetched yet are holes */
  ids = $state.raw<readonly (string | undefined)[]>([]);
  loaded = $state(false);
  #filter: Readonly<Record<string, unknown>> | null = null;
  #generation = 0;
  #pages = new Map<number, Promise<void>>();

  constructor(
    readonly person: Person,
    readonly accountId: string,
  ) {
    this.books = person.records("AddressBook", accountId);
  }

  book(id: string): AddressBook | undefined {
    return this.books.get(id);
  }

  /** Show a book, or what is found in it; a directory that must be searched shows nothing before. */
  async show(book: AddressBook, words: string): Promise<void> {
    this.#filter = { inAddressBook: book.id, ...(words === "" ? {} : { text: words }) };
    if (book.mustSearch && words === "") {
      this.#generation++;
      this.#filter = null;
      this.ids = [];
      this.loaded = true;
      return;
    }
    await this.reload();
  }

  async reload(): Promise<void> {
    if (this.#filter === null) return;
    this.#generation++;
    this.#pages = new Map();
    await this.need(0, PAGE);
  }

  /** Make sure that a range of the list is there. */
  async need(from: number, to: number): Promise<void> {
    const wanted = [];
    for (let page = Math.floor(Math.max(from, 0) / PAGE); page * PAGE < Math.max(to, 1); page++) {
      let fetched = this.#pages.get(page);
      if (fetched === undefined) {
        fetched = this.#fetch(page);
        this.#pages.set(page, fetched);
        fetched.catch(() => this.#pages.delete(page));
      }
      wanted.push(fetched);
    }
    await Promise.all(wanted);
  }

  /** Return all of a contact. */
  async whole(id: string): Promise<Card | null> {
    const { list } = await this.person.connection.ask<Got<Card>>("ContactCard/get", {
      accountId: this.accountId,
      ids: [id],
    });
    const card = list[0] ?? null;
    if (card !== null) this.cards.set(id, card);
    return card;
  }

  /** Create, change or remove contacts. */
  async set(values: Readonly<Record<string, unknown>>): Promise<SetAnswer<Card>> {
    const answer = await this.person.connection.ask<SetAnswer<Card>>("ContactCard/set", {
      accountId: this.accountId,
      ...values,
    });
    const [refused] = [answer.notCreated, answer.notUpdated, answer.notDestroyed].flatMap((one) =>
      Object.values(one ?? {}),
    );
    if (refused !== undefined) throw new SetRefused(refused);
    return answer;
  }

  async #fetch(page: number): Promise<void> {
    const generation = this.#generation;
    const { connection } = this.person;
    const query = connection.call<QueryAnswer>("ContactCard/query", {
      accountId: this.accountId,
      filter: this.#filter,
      sort: [{ property: "name", isAscending: true }],
      position: page * PAGE,
      limit: PAGE,
      calculateTotal: page === 0,
    });
    const shown = connection.call<Got<Partial<Card> & { id: string }>>("ContactCard/get", {
      accountId: this.accountId,
      "#ids": query.at("/ids"),
      properties: ROW,
    });
    const [told, cards] = await Promise.all([query.answer, shown.answer]);
    if (generation !== this.#generation) return;
    for (const one of cards.list) this.cards.set(one.id, one);
    const ids = page === 0 ? [] : [...this.ids];
    if (told.total !== undefined) ids.length = told.total;
    told.ids.forEach((id, index) => (ids[told.position + index] = id));
    this.ids = ids;
    this.loaded = true;
  }
}
