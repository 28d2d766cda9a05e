import type { Mailbox } from "$/jmap/types";

/** Return mailboxes as lines of a tree: by their order, then by name, each followed by those below it. */
export function tree(all: readonly Mailbox[]): readonly { mailbox: Mailbox; depth: number }[] {
  const below = Map.groupBy(all, (one) => (all.some((other) => other.id === one.parentId) ? one.parentId : null));
  const lines: { mailbox: Mailbox; depth: number }[] = [];
  const add = (parent: string | null, depth: number): void => {
    const sorted = (below.get(parent) ?? []).toSorted(
      (a, b) => a.sortOrder - b.sortOrder || a.name.localeCompare(b.name, undefined, { numeric: true }),
    );
    for (const mailbox of sorted) {
      lines.push({ mailbox, depth });
      add(mailbox.id, depth + 1);
    }
  };
  add(null, 0);
  return lines;
}
