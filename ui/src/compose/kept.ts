/** Copies of letters on this device, until the server has them: no crash, cut line or ended session loses a word. */

import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { Form } from "./form";

export interface Copy {
  key: string;
  username: string;
  form: Form;
  /** the draft on the server that it goes on with */
  storedId: string | null;
  at: number;
}

interface Letters extends DBSchema {
  letters: { key: string; value: Copy };
}

const OLD_MS = 30 * 24 * 3600 * 1000;
let opened: Promise<IDBPDatabase<Letters>> | undefined;

function database(): Promise<IDBPDatabase<Letters>> {
  opened ??= openDB<Letters>("folkmoot-letters", 1, {
    upgrade: (made) => void made.createObjectStore("letters", { keyPath: "key" }),
  });
  return opened;
}

/** Keep a copy; where the browser keeps nothing, such as in a private window, there is none. */
export async function keep(copy: Copy): Promise<boolean> {
  try {
    await (await database()).put("letters", copy);
    return true;
  } catch {
    return false;
  }
}

export async function forget(key: string): Promise<void> {
  try {
    await (await database()).delete("letters", key);
  } catch {
    // there was none
  }
}

/** Return the copies that somebody has left here, those of other open tabs not among them. */
export async function left(username: string): Promise<readonly Copy[]> {
  try {
    const all = (await (await database()).getAll("letters")).filter((one) => one.username === username);
    const { held = [] } = await navigator.locks.query();
    const inUse = new Set(held.map((one) => one.name));
    return all.filter((one) => !inUse.has(lockName(one.key)) && one.at > Date.now() - OLD_MS);
  } catch {
    return [];
  }
}

/** The lock that a tab holds for each letter that is open in it. */
export function lockName(key: string): string {
  return `folkmoot-letter ${key}`;
}
