/** The application as a whole: who is signed in, if anybody, and in which language it speaks. */

import { SignedOut } from "$/jmap/errors";
import { SPOKEN, words } from "$/words/index.svelte";
import { preferred } from "$/words/languages";
import { find, type Person } from "./person.svelte";
import { route } from "./route.svelte";
import { site } from "./site.svelte";
import { toasts } from "./toasts.svelte";

const RETRY_SECONDS = 5;

class Application {
  state = $state<"opening" | "out" | "in">("opening");
  person = $state.raw<Person | null>(null);
  /** The session has ended while the application was in use: what is on the screen stays, and a sign-in is shown over it. */
  ended = $state(false);

  async open(): Promise<void> {
    const tag = preferred(navigator.languages);
    words.tag = SPOKEN.includes(tag) ? tag : "en";
    await Promise.all([words.learn("design"), words.learn("frame"), words.learn("signin"), site.load()]);
    await words.speak(words.tag);
    await this.enter();
  }

  async enter(): Promise<void> {
    try {
      const person = await find();
      await person.preferences.load();
      if (SPOKEN.includes(person.language)) await words.speak(person.language);
      this.person = person;
      this.state = "in";
      person.changes.listen();
      if (route.module === null) route.go([startOf(person)], { replace: true });
    } catch (error) {
      if (error instanceof SignedOut) {
        this.state = "out";
        return;
      }
      toasts.failed(error);
      setTimeout(() => void this.enter(), RETRY_SECONDS * 1000);
    }
  }

  /** Somebody has signed in again over what is on the screen. */
  async resume(): Promise<void> {
    const found = await find();
    if (found.session.username !== this.person?.session.username) location.reload();
    this.ended = false;
  }

  async leave(): Promise<void> {
    this.person?.changes.close();
    const name = encodeURIComponent(this.person?.session.username ?? "");
    location.assign(`/SOGo/so/${name}/logoff`);
    return Promise.resolve();
  }
}

export const application = new Application();

function startOf(person: Person): string {
  const { module, rememberModule } = person.chosen ?? {};
  const last = localStorage.getItem("module");
  if ((module === "Last" || rememberModule === true) && last !== null) return last;
  return module === "Calendar" ? "calendar" : module === "Contacts" ? "contacts" : "mail";
}
