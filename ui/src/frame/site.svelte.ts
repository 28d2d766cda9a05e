/** What this server says about itself to anybody: its name, its looks, how one signs in. */

import { ask } from "$/jmap/door";

export interface SiteTold {
  title: string;
  logo: string | null;
  help: string | null;
  languages: string[];
  domains: string[];
  passwordRecovery: boolean;
  passkeys: boolean;
}

class Site {
  told = $state.raw<SiteTold>({
    title: "Folkmoot",
    logo: null,
    help: null,
    languages: [],
    domains: [],
    passwordRecovery: false,
    passkeys: false,
  });

  /** Ask the server; if it cannot be reached, what was known stays. */
  async load(): Promise<void> {
    try {
      const response = await ask("/SOGo/site.json");
      this.told = { ...this.told, ...((await response.json()) as Partial<SiteTold>) };
    } catch {
      return; // the page shows with our own name until it can be reached
    }
    document.title = this.told.title;
  }
}

export const site = new Site();
