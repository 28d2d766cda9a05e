/** Messages in the palette. */

import MailIcon from "@lucide/svelte/icons/mail";
import type { Finder } from "$/frame/commands.svelte";
import { route } from "$/frame/route.svelte";
import type { Got } from "$/jmap/records.svelte";
import { t } from "$/words/index.svelte";
import { sender } from "./wording";
import type { Row } from "./room.svelte";

const FOUND_MAX = 6;

export const mail: Finder = {
  get name() {
    return t("frame.mail");
  },
  find: async (person, words) => {
    const { connection, account } = person;
    const query = connection.call("Email/query", {
      accountId: account,
      filter: { text: words },
      sort: [{ property: "receivedAt", isAscending: false }],
      limit: FOUND_MAX,
    });
    const { list } = await connection.ask<Got<Row>>("Email/get", {
      accountId: account,
      "#ids": query.at("/ids"),
      properties: ["id", "mailboxIds", "subject", "from"],
    });
    return list.map((one) => ({
      label: one.subject ?? "",
      about: sender(one),
      icon: MailIcon,
      act: () => route.go(["mail", Object.keys(one.mailboxIds)[0] ?? "", one.id]),
    }));
  },
};
