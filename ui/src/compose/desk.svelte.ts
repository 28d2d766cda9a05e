/** The letters that are open. */

import type { Person } from "$/frame/person.svelte";
import { toasts } from "$/frame/toasts.svelte";
import type { Letter } from "$/frame/writing.svelte";
import { Composition, type Desk } from "./composition.svelte";
import { keep, left, type Copy } from "./kept";

const OPEN_MAX = 6;

export class Letters implements Desk {
  list = $state.raw<readonly Composition[]>([]);

  constructor(private readonly person: Person) {}

  open(letter: Letter): void {
    const known = this.list.find((one) => letter.kind === "draft" && one.goesOnWith(letter.emailIds?.[0]));
    if (known !== undefined) {
      known.minimised = false;
      return;
    }
    const made = new Composition(this.person, this);
    this.#add(made);
    made.begin(letter).catch((error: unknown) => {
      this.ended(made);
      toasts.failed(error);
    });
  }

  reopen(copy: Copy): void {
    void keep(copy);
    const made = new Composition(this.person, this, copy);
    this.#add(made);
    made.change({});
  }

  /** Open what was left on this device, by a crash, a reload or a line that was cut. */
  async restore(): Promise<number> {
    const copies = await left(this.person.session.username);
    for (const copy of copies.slice(0, OPEN_MAX)) this.reopen(copy);
    return copies.length;
  }

  ended(letter: Composition): void {
    this.list = this.list.filter((one) => one !== letter);
  }

  #add(letter: Composition): void {
    for (const one of this.list.slice(0, -1)) one.minimised = true;
    this.list = [...this.list, letter];
  }
}
