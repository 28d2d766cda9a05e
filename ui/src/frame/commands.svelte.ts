/** What the palette offers: modules add their commands while they are shown, and their finders for good. */

import type { Component } from "svelte";
import type { Person } from "./person.svelte";

export interface Command {
  label: string;
  /** more about it, such as a date or an address */
  about?: string;
  icon?: Component<{ size?: number }>;
  keys?: string;
  act: () => void;
}

/** Finds things by words: mail, events, people. */
export interface Finder {
  name: string;
  find: (person: Person, words: string, signal: AbortSignal) => Promise<readonly Command[]>;
}

class Commands {
  groups = $state.raw<readonly (readonly Command[])[]>([]);
  #offered: typeof this.groups = []; // the truth, as in Keys

  /** Offer commands until what is returned is called. */
  offer(commands: readonly Command[]): () => void {
    this.#offered = [...this.#offered, commands];
    this.groups = this.#offered;
    return () => {
      this.#offered = this.#offered.filter((one) => one !== commands);
      this.groups = this.#offered;
    };
  }
}

export const commands = new Commands();
