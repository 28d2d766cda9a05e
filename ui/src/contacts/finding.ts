/** People in the palette. */

import User from "@lucide/svelte/icons/user";
import type { Finder } from "$/frame/commands.svelte";
import { route } from "$/frame/route.svelte";
import type { Got } from "$/jmap/records.svelte";
import { t } from "$/words/index.svelte";
import { mails, nameOf, organisation, ROW, type Card } from "./card";

const FOUND_MAX = 6;

export const contacts: Finder = {
  get name() {
    return t("frame.contacts");
  },
  find: async (person, words) => {
    const { connection, account } = person;
    const query = connection.call("ContactCard/query", {
      accountId: account,
      filter: { text: words },
      sort: [{ property: "name", isAscending: true }],
      limit: FOUND_MAX,
    });
    const { list } = await connection.ask<Got<Partial<Card> & { id: string }>>("ContactCard/get", {
      accountId: account,
      "#ids": query.at("/ids"),
      properties: ROW,
    });
    return list.map((card) => ({
      label: nameOf(card),
      about: organisation(card) || (mails(card)[0]?.address ?? ""),
      icon: User,
      act: () => route.go(["contacts", Object.keys(card.addressBookIds ?? {})[0] ?? "", card.id]),
    }));
  },
};
