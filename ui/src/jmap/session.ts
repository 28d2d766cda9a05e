/** The session resource (RFC 8620 section 2). */

export interface Account {
  name: string;
  isPersonal: boolean;
  isReadOnly: boolean;
  accountCapabilities: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface Session {
  username: string;
  capabilities: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  accounts: Readonly<Record<string, Account>>;
  primaryAccounts: Readonly<Record<string, string>>;
  apiUrl: string;
  downloadUrl: string;
  uploadUrl: string;
  eventSourceUrl: string;
  state: string;
}

export const CORE = "urn:ietf:params:jmap:core";
export const MAIL = "urn:ietf:params:jmap:mail";
export const CALENDARS = "urn:ietf:params:jmap:calendars";
export const TASKS = "urn:ietf:params:jmap:tasks";
export const CONTACTS = "urn:ietf:params:jmap:contacts";
export const VENDOR = "https://folkmoot.org/jmap/";

/** Return whether an account can do something, such as mail. */
export function can(account: Account | undefined, capability: string): boolean {
  return account !== undefined && capability in account.accountCapabilities;
}

/** Return a number that a capability of the server tells, such as a limit. */
export function limit(session: Session, name: string, otherwise: number): number {
  const told = session.capabilities[CORE]?.[name];
  return typeof told === "number" ? told : otherwise;
}

/** Return the account that somebody's own things are in. */
export function ownAccount(session: Session): string {
  return session.primaryAccounts[MAIL] ?? session.primaryAccounts[CALENDARS] ?? Object.keys(session.accounts)[0] ?? "";
}

/** Fill in a URL template of the session; only simple variables occur (RFC 6570 level 1). */
export function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
}
