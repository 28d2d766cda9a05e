/** Short notes about what has happened, with a way back where there is one. */

import { CallRefused, RequestRefused, SetRefused, SignedOut, Unreachable } from "$/jmap/errors";
import { t } from "$/words/index.svelte";

export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly kind: "done" | "failed";
  readonly undo?: (() => void | Promise<void>) | undefined;
}

const SECONDS = { done: 6, failed: 12 };
const SHOWN_MAX = 3;

class Toasts {
  list = $state.raw<readonly Toast[]>([]);
  #next = 0;

  /** Tell that something is done; `undo` takes it back. */
  done(text: string, undo?: () => void | Promise<void>): void {
    this.#add({ id: this.#next++, text, kind: "done", undo });
  }

  /** Tell what went wrong, in words, with the number under which the server has logged it. */
  failed(error: unknown, what?: string): void {
    if (error instanceof SignedOut) return; // the frame asks for the password
    const why = reason(error);
    this.#add({ id: this.#next++, text: what === undefined ? why : `${what} ${why}`, kind: "failed" });
  }

  drop(id: number): void {
    this.list = this.list.filter((one) => one.id !== id);
  }

  async undo(toast: Toast): Promise<void> {
    this.drop(toast.id);
    try {
      await toast.undo?.();
    } catch (error) {
      this.failed(error);
    }
  }

  #add(toast: Toast): void {
    this.list = [...this.list, toast].slice(-SHOWN_MAX);
    setTimeout(() => this.drop(toast.id), SECONDS[toast.kind] * 1000);
  }
}

export const toasts = new Toasts();

/** Say in words why something failed. */
export function reason(error: unknown): string {
  if (error instanceof Unreachable) return t("frame.unreachable");
  if (error instanceof RequestRefused)
    return error.requestId === "" ? error.message : `${error.message} (${t("frame.request", { id: error.requestId })})`;
  if (error instanceof CallRefused || error instanceof SetRefused) return error.message;
  console.error(error);
  return t("frame.fault");
}
