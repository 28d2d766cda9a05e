/** What the palette offers: modules add their commands while they are shown, and their finders for good. */

import { untrack, type Component } from "svelte";
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

  /** Offer commands until what is returned is called. */
  offer(commands: readonly Command[]): () => void {
    this.groups = [...untrack(() => this.groups), commands];
    return () => (this.groups = this.groups.filter((one) => one !== commands));
  }
}

export const commands = new Commands();
