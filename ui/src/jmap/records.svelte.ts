/** All objects of one type in one account, kept equal to the server's by /changes (RFC 8620 section 5.2). */

import { SvelteMap } from "svelte/reactivity";

import type { Connection } from "./connection";
import { CallRefused, SetRefused, type SetError } from "./errors";
import type { DataTypes } from "./types";

/** The types whose objects have an id. */
export type Kept = {
  [N in keyof DataTypes]: DataTypes[N] extends { readonly id: string } ? N : never;
}[keyof DataTypes];

export interface Got<T> {
  accountId: string;
  state: string;
  list: T[];
  notFound: string[];
}

export interface ChangesAnswer {
  oldState: string;
  newState: string;
  hasMoreChanges: boolean;
  created: string[];
  updated: string[];
  destroyed: string[];
}

export interface SetAnswer<T> {
  oldState: string | null;
  newState: string;
  created: Record<string, Partial<T> & { id: string }> | null;
  updated: Record<string, Partial<T> | null> | null;
  destroyed: string[] | null;
  notCreated: Record<string, SetError> | null;
  notUpdated: Record<string, SetError> | null;
  notDestroyed: Record<string, SetError> | null;
}

/** Paths and what to set there (RFC 8620 section 5.3); null removes. */
export type Patch = Readonly<Record<string, unknown>>;

const ROUNDS_MAX = 50; // of /changes that say there is more, before all is loaded anew

export class Records<Name extends Kept> {
  readonly byId = new SvelteMap<string, DataTypes[Name]>();
  readonly all = $derived([...this.byId.values()]);
  /** Whether the objects have been loaded once. */
  loaded = $state(false);
  #state: string | null = null;
  #following: Promise<void> | null = null;

  constructor(
    private readonly connection: Connection,
    readonly accountId: string,
    readonly type: Name,
    private readonly extra: Readonly<Record<string, unknown>> = {},
  ) {}

  get(id: string): DataTypes[Name] | undefined {
    return this.byId.get(id);
  }

  /** Load all. */
  async load(): Promise<void> {
    const got = await this.#get(null);
    for (const id of [...this.byId.keys()]) if (!got.list.some((one) => one.id === id)) this.byId.delete(id);
    this.#keep(got.list);
    this.#state = got.state;
    this.loaded = true;
  }

  /** Learn what has changed since; `state` is what a push told. */
  async follow(state?: string): Promise<void> {
    if (this.#state === null || state === this.#state) return;
    this.#following ??= this.#follow().finally(() => (this.#following = null));
    await this.#following;
  }

  /** Create an object and return it as the server made it. */
  async create(values: Partial<DataTypes[Name]>, extra: Patch = {}): Promise<DataTypes[Name]> {
    const answer = await this.#set({ create: { new: values }, ...extra });
    const made = answer.created?.["new"];
    if (made === undefined) throw new SetRefused(answer.notCreated?.["new"] ?? { type: "serverFail" });
    const whole = { ...values, ...made } as DataTypes[Name];
    this.byId.set(made.id, whole);
    void this.follow(); // what the server adds by itself
    return whole;
  }

  /** Change an object; it is shown changed at once, and as it was if the server refuses. */
  async update(id: string, patch: Patch, extra: Patch = {}): Promise<void> {
    const before = this.byId.get(id);
    if (before !== undefined) this.byId.set(id, patched(before, patch));
    try {
      const answer = await this.#set({ update: { [id]: patch }, ...extra });
      const refused = answer.notUpdated?.[id];
      if (refused !== undefined) throw new SetRefused(refused);
      const now = this.byId.get(id);
      const told = answer.updated?.[id];
      if (now !== undefined && told) this.byId.set(id, { ...now, ...told });
    } catch (error) {
      if (before !== undefined) this.byId.set(id, before);
      throw error;
    }
  }

  /** Remove an object; it goes at once, and comes back if the server refuses. */
  async destroy(id: string, extra: Patch = {}): Promise<void> {
    const before = this.byId.get(id);
    this.byId.delete(id);
    try {
      const answer = await this.#set({ destroy: [id], ...extra });
      const refused = answer.notDestroyed?.[id];
      if (refused !== undefined) throw new SetRefused(refused);
    } catch (error) {
      if (before !== undefined) this.byId.set(id, before);
      throw error;
    }
  }

  async #follow(): Promise<void> {
    try {
      for (let round = 0; round < ROUNDS_MAX; round++) {
        const changes = this.connection.call<ChangesAnswer>(`${this.type}/changes`, {
          accountId: this.accountId,
          sinceState: this.#state,
        });
        const [told, created, updated] = await Promise.all([
          changes.answer,
          this.#get(changes.at("/created")),
          this.#get(changes.at("/updated")),
        ]);
        for (const id of told.destroyed) this.byId.delete(id);
        this.#keep([...created.list, ...updated.list]);
        this.#state = told.newState;
        if (!told.hasMoreChanges) return;
      }
    } catch (error) {
      if (!(error instanceof CallRefused) || error.type !== "cannotCalculateChanges") throw error;
    }
    await this.load();
  }

  #get(ids: unknown): Promise<Got<DataTypes[Name]>> {
    const named = ids === null ? { ids } : { "#ids": ids };
    return this.connection.ask(`${this.type}/get`, { accountId: this.accountId, ...named, ...this.extra });
  }

  async #set(arguments_: Patch): Promise<SetAnswer<DataTypes[Name]>> {
    return this.connection.ask(`${this.type}/set`, { accountId: this.accountId, ...arguments_ });
  }

  #keep(list: DataTypes[Name][]): void {
    for (const one of list) this.byId.set(one.id, one);
  }
}

/** Return an object as it will be once a patch has been applied. */
export function patched<T extends object>(value: T, patch: Patch): T {
  const made = structuredClone($state.snapshot(value)) as Record<string, unknown>;
  for (const [path, set] of Object.entries(patch)) {
    const names = path.split("/").map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
    const last = names.pop();
    let place = made;
    for (const name of names) place = (place[name] ??= {}) as Record<string, unknown>;
    if (last === undefined) continue;
    if (set === null && names.length > 0) Reflect.deleteProperty(place, last);
    else place[last] = set;
  }
  return made as T;
}
