/** The keyboard: keys are declared where they act, and the help shows those of the present screen. */

export interface Binding {
  /** as in `Shift+j`, `Delete`, `?`; letters are those typed, whatever the layout */
  keys: readonly string[];
  label: string;
  act: (event: KeyboardEvent) => void;
  /** also while writing */
  always?: boolean;
}

class Keys {
  groups = $state.raw<readonly { name: string; bindings: readonly Binding[] }[]>([]);
  // The truth: effects bind and unbind, and in the end of one, state reads as it was before.
  #bound: typeof this.groups = [];

  /** Let keys act until what is returned is called; the last declared wins. */
  bind(name: string, bindings: readonly Binding[]): () => void {
    const group = { name, bindings };
    this.#bound = [...this.#bound, group];
    this.groups = this.#bound;
    return () => {
      this.#bound = this.#bound.filter((one) => one !== group);
      this.groups = this.#bound;
    };
  }

  press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    const pressed = named(event);
    const writing = isWriting(event.target);
    for (const { bindings } of this.groups.toReversed()) {
      const found = bindings.find((one) => one.keys.includes(pressed) && (one.always === true || !writing));
      if (found === undefined) continue;
      event.preventDefault();
      found.act(event);
      return;
    }
  }
}

export const keys = new Keys();

function named(event: KeyboardEvent): string {
  const letter = event.key.length === 1;
  const shift = event.shiftKey && (!letter || /\p{L}| /u.test(event.key)) ? "Shift+" : ""; // `?` is itself
  const control = event.ctrlKey || event.metaKey ? "Ctrl+" : "";
  const alt = event.altKey ? "Alt+" : "";
  const key = event.key === " " ? "Space" : letter ? event.key.toLowerCase() : event.key;
  return control + alt + shift + key;
}

function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button", "range"].includes(target.type);
  return target.closest('[role="menu"],[role="dialog"],[role="listbox"]') !== null;
}
