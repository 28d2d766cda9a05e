/** Letters that somebody wants to write: every module asks here, and the composer, loaded when first wanted, writes them. */

import type { Address } from "$/jmap/types";

export interface Letter {
  kind: "new" | "reply" | "replyAll" | "forward" | "forwardAttached" | "draft" | "template" | "again";
  /** what it answers, forwards, goes on with or begins from */
  emailIds?: readonly string[];
  accountId?: string;
  to?: readonly Address[];
  cc?: readonly Address[];
  bcc?: readonly Address[];
  subject?: string;
  text?: string;
  files?: readonly File[];
}

class Writing {
  /** wanted, and not yet taken up by the composer */
  wanted = $state.raw<readonly Letter[]>([]);
  /** whether the composer is needed, from the first letter on */
  needed = $state(false);

  write(letter: Letter): void {
    this.wanted = [...this.wanted, letter];
    this.needed = true;
  }

  /** Take up what is wanted. */
  take(): readonly Letter[] {
    const letters = this.wanted;
    if (letters.length > 0) this.wanted = [];
    return letters;
  }
}

export const writing = new Writing();
