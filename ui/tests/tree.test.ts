import { expect, test } from "vitest";
import type { Mailbox } from "$/jmap/types";
import { tree } from "$/mail/tree";

function mailbox(id: string, more: Partial<Mailbox> = {}): Mailbox {
  return { id, name: id, parentId: null, sortOrder: 0, unreadEmails: 0, ...more } as Mailbox;
}

test("mailboxes stand by their order, then by name as people read it, each before those below it", () => {
  const lines = tree([
    mailbox("b10"),
    mailbox("b9"),
    mailbox("inbox", { sortOrder: -1 }),
    mailbox("below", { parentId: "inbox" }),
  ]);
  expect(lines.map(({ mailbox: one, depth }) => [one.id, depth])).toEqual([
    ["inbox", 0],
    ["below", 1],
    ["b9", 0],
    ["b10", 0],
  ]);
});

test("a mailbox whose parent is not shown stands at the top", () => {
  expect(tree([mailbox("lost", { parentId: "hidden" })])).toHaveLength(1);
});
