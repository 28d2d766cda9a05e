/** Changes told by the server (RFC 8620 section 7.3): one tab listens, and tells the others. */

import { fill, type Session } from "./session";

/** The states of types, by account. */
export type Changed = Readonly<Record<string, Readonly<Record<string, string>>>>;
type Listener = (changed: Changed) => void;

const CHANNEL = "folkmoot-changes";
const PING_SECONDS = 60;

export class Changes {
  readonly #listeners = new Set<Listener>();
  readonly #channel: BroadcastChannel;
  readonly #stop = new AbortController();
  #source: EventSource | undefined;

  constructor(private readonly session: Session) {
    this.#channel = new BroadcastChannel(`${CHANNEL} ${session.username}`);
    this.#channel.onmessage = (event: MessageEvent<Changed>) => this.#tell(event.data);
  }

  /** Listen until `close`; the lock falls to another tab when this one goes. */
  listen(): void {
    const held = (): Promise<void> =>
      new Promise((resolve) => {
        this.#open();
        this.#stop.signal.addEventListener("abort", () => resolve());
      });
    navigator.locks
      .request(`${CHANNEL} ${this.session.username}`, { signal: this.#stop.signal }, held)
      .catch(() => undefined); // closed before it was this tab's turn
  }

  /** Call `listener` with each change; returns what ends that. */
  on(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#stop.abort();
    this.#source?.close();
    this.#channel.close();
  }

  #open(): void {
    const url = fill(this.session.eventSourceUrl, { types: "*", closeafter: "no", ping: `${PING_SECONDS}` });
    const { pathname, search } = new URL(url);
    this.#source = new EventSource(pathname + search);
    this.#source.addEventListener("state", (event: MessageEvent<string>) => {
      const { changed } = JSON.parse(event.data) as { changed: Changed };
      this.#tell(changed);
      this.#channel.postMessage(changed);
    });
  }

  #tell(changed: Changed): void {
    for (const one of this.#listeners) one(changed);
  }
}
