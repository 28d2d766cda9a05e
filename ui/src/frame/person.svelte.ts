/** Whoever is signed in: the connection to the server, and what every module needs to know. */

import { Changes, type Changed } from "$/jmap/changes";
import { Connection } from "$/jmap/connection";
import { ask } from "$/jmap/door";
import { Records, type Kept } from "$/jmap/records.svelte";
import { ownAccount, type Session } from "$/jmap/session";
import type { DataTypes } from "$/jmap/types";
import { tagOf, type Tag } from "$/words/languages";

const SESSION = "/SOGo/jmap/session"; // the cookie is not sent to the well-known path

type Followed = { follow: (state?: string) => Promise<void> };

export class Person {
  readonly connection: Connection;
  readonly account: string;
  readonly changes: Changes;
  readonly preferences: Records<"Preferences">;
  readonly #followed = new Map<string, Followed>();

  constructor(readonly session: Session) {
    this.connection = new Connection(session);
    this.account = ownAccount(session);
    this.changes = new Changes(session);
    this.preferences = this.records("Preferences");
    this.changes.on((changed) => void this.#follow(changed));
  }

  /** Return all objects of a type, which are kept up to date from then on; load them before use. */
  records<Name extends Kept>(type: Name, accountId: string = this.account): Records<Name> {
    const key = `${accountId} ${type}`;
    const known = this.#followed.get(key) as Records<Name> | undefined;
    if (known !== undefined) return known;
    const made = new Records(this.connection, accountId, type);
    this.#followed.set(key, made);
    return made;
  }

  get chosen(): DataTypes["Preferences"] | undefined {
    return this.preferences.get("singleton");
  }

  get language(): Tag {
    return tagOf(this.chosen?.language ?? "English");
  }

  async #follow(changed: Changed): Promise<void> {
    const told: Promise<void>[] = [];
    for (const [account, types] of Object.entries(changed))
      for (const [type, state] of Object.entries(types)) {
        const records = this.#followed.get(`${account} ${type}`);
        if (records !== undefined) told.push(records.follow(state));
      }
    await Promise.allSettled(told);
  }
}

/**
 * Return who is signed in.
 *
 * @throws SignedOut, Unreachable, RequestRefused
 */
export async function find(): Promise<Person> {
  const response = await ask(SESSION, { headers: { Accept: "application/json" } });
  return new Person((await response.json()) as Session);
}
